using MudBlazor;

namespace Sync.Web.Components.Layout;

/// <summary>
/// The look, defined once: two palettes and a type scale. Everything else, MudBlazor's components and the stylesheets alike,
/// refers to the CSS variables that <see cref="ThemeSheet"/> makes of it. Text colours keep 4.5:1 against background and surface (WCAG 2.2 AA).
/// </summary>
internal static class SyncTheme
{
    private static readonly string[] s_family = ["Geist", "ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0d6b68",
            PrimaryContrastText = "#ffffff",
            Secondary = "#8a5a0b",
            SecondaryContrastText = "#ffffff",
            Tertiary = "#5b4fb0",
            Info = "#2563a8",
            Success = "#21723f",
            Warning = "#8a5a0b",
            Error = "#b3312c",
            Background = "#f6f6f2",
            BackgroundGray = "#eeeee8",
            Surface = "#ffffff",
            AppbarBackground = "#f6f6f2",
            AppbarText = "#1b2023",
            TextPrimary = "#1b2023",
            TextSecondary = "#566067",
            TextDisabled = "#8b9398",
            ActionDefault = "#566067",
            LinesDefault = "#e2e2da",
            LinesInputs = "#868e92",
            TableLines = "#ebebe4",
            Divider = "#e2e2da",
            Skeleton = "#e7e7e0",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#5fc9c0",
            PrimaryContrastText = "#06201f",
            Secondary = "#e3b25c",
            SecondaryContrastText = "#241a05",
            Tertiary = "#b3a8f5",
            Info = "#7fb4ee",
            Success = "#74cf92",
            Warning = "#e3b25c",
            Error = "#f08a82",
            Background = "#101416",
            BackgroundGray = "#0c0f11",
            Surface = "#171c1f",
            AppbarBackground = "#101416",
            AppbarText = "#e7ebeb",
            TextPrimary = "#e7ebeb",
            TextSecondary = "#9caab0",
            TextDisabled = "#6b777c",
            ActionDefault = "#9caab0",
            LinesDefault = "#2a3236",
            LinesInputs = "#74828a",
            TableLines = "#222a2d",
            Divider = "#2a3236",
            Skeleton = "#222a2d",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = s_family, FontSize = "0.875rem", LineHeight = "1.5", LetterSpacing = "0" },
            H1 = new H1Typography { FontFamily = s_family, FontSize = "clamp(2rem, 1.2rem + 3vw, 3.25rem)", FontWeight = "600", LineHeight = "1.08", LetterSpacing = "-0.035em" },
            H2 = new H2Typography { FontFamily = s_family, FontSize = "1.375rem", FontWeight = "600", LineHeight = "1.25", LetterSpacing = "-0.018em" },
            H3 = new H3Typography { FontFamily = s_family, FontSize = "1rem", FontWeight = "600", LineHeight = "1.35", LetterSpacing = "-0.01em" },
            Body1 = new Body1Typography { FontFamily = s_family, FontSize = "0.9375rem", LineHeight = "1.55", LetterSpacing = "0" },
            Body2 = new Body2Typography { FontFamily = s_family, FontSize = "0.8125rem", LineHeight = "1.5", LetterSpacing = "0" },
            Button = new ButtonTypography { FontFamily = s_family, FontSize = "0.875rem", FontWeight = "550", LineHeight = "1.5", LetterSpacing = "0", TextTransform = "none" },
            Caption = new CaptionTypography { FontFamily = s_family, FontSize = "0.75rem", LineHeight = "1.45", LetterSpacing = "0" },
        },
    };
}
