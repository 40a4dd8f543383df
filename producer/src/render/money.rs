//! Amounts as Brazilians write them: `R$ 6.844.365,40`.

use domain::money::Amount;

/// An amount: `R$ 6.844.365,40`.
pub(super) fn reais(amount: Amount) -> String {
    reais_of(&amount.to_string())
}

/// An amount written as a decimal number, such as `-6844365.40`: `-R$ 6.844.365,40`. A number
/// without decimals is a count and stays as it is.
pub fn reais_of(decimal: &str) -> String {
    if !decimal.contains('.') {
        return decimal.to_owned();
    }
    let number = brazilian(decimal);
    let digits = number.trim_start_matches(['+', '-']);
    let sign = &number[..number.len() - digits.len()];
    format!("{sign}R$ {digits}")
}

/// A decimal number, such as `-6844365.40`, with points between thousands and a decimal comma. A
/// number without decimals stays as it is.
pub(super) fn brazilian(decimal: &str) -> String {
    let Some((whole, decimals)) = decimal.split_once('.') else {
        return decimal.to_owned();
    };
    let digits = whole.trim_start_matches(['+', '-']).len();
    let mut grouped = String::new();
    for (index, char) in whole.chars().enumerate() {
        let after = whole.len() - index;
        if after < digits && after.is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(char);
    }
    format!("{grouped},{decimals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_points_and_decimals_a_comma() {
        for (decimal, expected) in [
            ("0.00", "0,00"),
            ("0.0000000001", "0,0000000001"),
            ("999.99", "999,99"),
            ("1000.00", "1.000,00"),
            ("-123456.70", "-123.456,70"),
            ("+1234567.89", "+1.234.567,89"),
            ("-1.50", "-1,50"),
            ("12345", "12345"),
        ] {
            assert_eq!(brazilian(decimal), expected, "{decimal}");
        }
    }

    #[test]
    fn an_amount_has_its_currency_and_a_count_has_none() {
        let amount = Amount::from_centavos(684_436_540);
        assert_eq!(reais(amount), "R$ 6.844.365,40");
        assert_eq!(reais_of("-1000.50"), "-R$ 1.000,50");
        assert_eq!(reais_of("+2.00"), "+R$ 2,00");
        assert_eq!(reais_of("12345"), "12345");
    }
}
