namespace Sync.Cel.Tests.Architecture;

/// <summary>Uses others in every way there is.</summary>
[SampleMark]
internal sealed class SampleUser : SampleBase, ISampleRole
{
    private readonly List<SampleField> _field = [];

    public SampleAnswer? Take(SampleParameter[] given)
    {
        object made = new SampleMade();
        var listed = new List<object>().OfType<SampleListed>();
        return Identity<SampleArgument>(null) is null && _field.Count == given.Length && made == listed ? SampleCalled.Answer : null;
    }

    private static T? Identity<T>(T? value) => value;
}

internal abstract class SampleBase;

internal interface ISampleRole;

[AttributeUsage(AttributeTargets.Class)]
internal sealed class SampleMarkAttribute : Attribute;

internal sealed class SampleField;

internal sealed class SampleParameter;

internal sealed class SampleAnswer;

internal sealed class SampleMade;

internal sealed class SampleArgument;

internal sealed class SampleListed;

internal static class SampleCalled
{
    public static SampleAnswer Answer { get; } = new();
}
