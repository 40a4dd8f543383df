//! Names found as people type them: without accents, in any case.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text without accents and in lower case; `º` and `ª` are letters.
pub fn folded(text: &str) -> String {
    text.nfkd()
        .filter(|char| !is_combining_mark(*char))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_make_no_difference() {
        for (text, plain) in [
            ("Água Viva", "agua viva"),
            ("AGUA VIVA", "agua viva"),
            ("Construção São José Nº 2", "construcao sao jose no 2"),
            // The same letter, written as two.
            ("A\u{301}gua", "agua"),
            ("", ""),
        ] {
            assert_eq!(folded(text), plain);
        }
    }
}
