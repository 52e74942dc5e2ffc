using System.Buffers;

namespace Sync.Engine.Primitives.Json;

/// <summary>A buffer that ends what is written to it when it holds too much, so that the memory is bounded and not only the result.</summary>
internal sealed class BoundedBuffer(int max) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _inner = new(256);

    public ReadOnlySpan<byte> WrittenSpan => _inner.WrittenSpan;

    public void Advance(int count)
    {
        _inner.Advance(count);
        if (_inner.WrittenCount > max)
        {
            throw new BufferFullException();
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);
}

/// <summary>The text that was being written is longer than it may be. Never leaves <see cref="JsonText.WriteWithin"/>.</summary>
internal sealed class BufferFullException : Exception;
