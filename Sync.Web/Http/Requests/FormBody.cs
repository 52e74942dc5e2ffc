using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Options;

namespace Sync.Web.Http.Requests;

/// <summary>
/// Reads a form (<c>application/x-www-form-urlencoded</c>), bounded in size, time and number of fields. What it read is also the request's form, so that nobody
/// after it reads the body with bounds of their own, which throw.
/// </summary>
internal static class FormBody
{
    private const string MediaType = "application/x-www-form-urlencoded";
    private const int Bytes = 256 * 1024;
    private const int Values = 2048;
    private const int KeyLength = 256;

    /// <summary>Whether the body says it is a form of this kind.</summary>
    public static bool IsOne(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>The form's fields, each given once.</summary>
    public static async ValueTask<Outcome<IReadOnlyDictionary<string, string>>> ReadAsync(HttpRequest request, LimitOptions limits, TimeProvider time)
    {
        if (!(await ReadAllAsync(request, limits, time)).Try(out var form, out var error))
        {
            return error;
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in form)
        {
            // RFC 6749 §3.1: a parameter must not be there twice.
            if (values.Count > 1)
            {
                return Refusals.Parameter(name, $"'{name}' is given {values.Count} times.");
            }

            fields.Add(name, values.ToString());
        }

        return fields;
    }

    /// <summary>The form as it is.</summary>
    public static async ValueTask<Outcome<IFormCollection>> ReadAllAsync(HttpRequest request, LimitOptions limits, TimeProvider time)
    {
        var bounds = limits with { BodyBytes = Math.Min(Bytes, limits.BodyBytes) };
        if (!(await RequestBody.ReadAsync(request, bounds, time, Parse)).Try(out var fields, out var error))
        {
            return error;
        }

        var form = new FormCollection(fields);
        request.HttpContext.Features.Set<IFormFeature>(new FormFeature(form));
        return Outcome<IFormCollection>.Of(form);
    }

    private static Outcome<Dictionary<string, StringValues>> Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body)) { ValueCountLimit = Values, KeyLengthLimit = KeyLength, ValueLengthLimit = Bytes };
            return reader.ReadForm();
        }
        catch (InvalidDataException)
        {
            return new SyncError(ErrorCode.InvalidParameter, "The form has too many fields, or a field whose name is too long.") { Hint = "Send the fields that are needed." };
        }
    }
}
