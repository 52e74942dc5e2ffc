using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>
/// What the writes of one action change of one target, as their templates say: the whole value, or members of it. Two actions whose footprints combine leave each other's work standing, whichever
/// is invoked last. Immutable.
/// </summary>
internal sealed class WriteFootprint
{
    // Members that are looked at; what has more counts as touching any.
    private const int MaxMembers = 64;

    private readonly bool _replaces;

    // Members that are set, by their path; the empty path is any member.
    private readonly ImmutableArray<string> _sets;

    // Members that are added to, by their path; the empty path is the value itself.
    private readonly ImmutableArray<string> _adds;

    private WriteFootprint(bool replaces, ImmutableArray<string> sets, ImmutableArray<string> adds)
    {
        _replaces = replaces;
        _sets = sets;
        _adds = adds;
    }

    /// <summary>The footprint of writes that name one target.</summary>
    public static WriteFootprint Of(IEnumerable<WriteTemplate> writes)
    {
        var sets = ImmutableArray.CreateBuilder<string>();
        var adds = ImmutableArray.CreateBuilder<string>();
        var replaces = false;
        foreach (var write in writes)
        {
            var path = write.Path?.Source is { Length: > 0 } given ? given : "";
            switch (write.Mode)
            {
                case WriteMode.Increment or WriteMode.Append:
                    adds.Add(path);
                    break;
                case WriteMode.Merge:
                    AddMembers(sets, write, path);
                    break;
                case WriteMode.Remove:
                case WriteMode.Value when path.Length > 0:
                    sets.Add(path);
                    break;
                default:
                    replaces = true;
                    break;
            }
        }

        return sets.Count > MaxMembers ? new WriteFootprint(replaces, [""], adds.ToImmutable()) : new WriteFootprint(replaces, sets.ToImmutable(), adds.ToImmutable());
    }

    /// <summary>Whether both may write in any order, and neither takes away what the other wrote.</summary>
    public bool CombinesWith(WriteFootprint other) =>
        !_replaces && !other._replaces
        && !_sets.Any(left => other._sets.Any(right => Overlap(left, right)) || other._adds.Any(right => right.Length > 0 && Overlap(left, right)))
        && !other._sets.Any(left => _adds.Any(right => right.Length > 0 && Overlap(left, right)));

    // The names of the members, placeholders as they stand: two texts that differ are taken for two members.
    private static void AddMembers(ImmutableArray<string>.Builder sets, WriteTemplate write, string path)
    {
        if (write.PatchSource is not { } patch || patch.Kind != JsonValueKind.Object)
        {
            // Whatever the parameter holds.
            sets.Add(path);
            return;
        }

        using var document = patch.Parse();
        AddMembers(sets, document.RootElement, path);
    }

    private static void AddMembers(ImmutableArray<string>.Builder sets, JsonElement patch, string path)
    {
        foreach (var member in patch.EnumerateObject())
        {
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (sets.Count > MaxMembers)
            {
                return;
            }

            if (member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().Any())
            {
                AddMembers(sets, member.Value, at);
            }
            else
            {
                sets.Add(at);
            }
        }
    }

    private static bool Overlap(string left, string right) =>
        left.Length == 0 || right.Length == 0 || left == right
        || (left.Length < right.Length ? right.StartsWith(left, StringComparison.Ordinal) && right[left.Length] == '.' : left.StartsWith(right, StringComparison.Ordinal) && left[right.Length] == '.');
}
