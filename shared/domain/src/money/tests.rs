use super::*;

fn centavos(text: &str) -> Result<i64, AmountError> {
    Amount::parse(text).map(|amount| amount.round().centavos())
}

#[test]
fn reads_every_form_the_erp_writes() {
    for (text, expected) in [
        ("1234.56", 123_456),
        ("0", 0),
        ("-3", -300),
        ("320.0", 32_000),
        ("1.5e3", 150_000),
        ("1E2", 10_000),
        ("1.234,56", 123_456),
        ("1.234.567,8", 123_456_780),
        ("12,5", 1_250),
        (" 7.10 ", 710),
        ("9999999999.99", 999_999_999_999),
        ("1234.560000000000001", 123_456),
    ] {
        assert_eq!(centavos(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_text_that_may_be_thousands_is_ambiguous() {
    for text in ["1.234", "-1.234", " 12.345 ", "999.999", "0.125"] {
        assert_eq!(
            Amount::parse_text(text),
            Err(AmountError::Ambiguous),
            "{text}"
        );
        assert!(Amount::parse(text).is_ok(), "{text}");
    }
    for (text, expected) in [
        ("1234.56", 123_456),
        ("1.234,56", 123_456),
        ("1234,56", 123_456),
        ("1.234,567", 123_457),
        ("1234.567", 123_457),
        ("1.23", 123),
        ("1.2345", 123),
        ("1,234", 123),
        ("1234", 123_400),
    ] {
        let amount = Amount::parse_text(text).map(|amount| amount.round().centavos());
        assert_eq!(amount, Ok(expected), "{text}");
    }
    assert_eq!(Amount::parse_text("1.23x"), Err(AmountError::NotANumber));
}

#[test]
fn refuses_what_is_not_a_number() {
    for text in [
        "", "-", "abc", "1.2.3", "1,2,3", "1,234.56", "12.34,5", ".5", "1.", "--1", "+1", "1e",
        "NaN", "Infinity", "0x10", "1 000", "null",
    ] {
        assert_eq!(centavos(text), Err(AmountError::NotANumber), "{text}");
    }
}

#[test]
fn refuses_what_cannot_be_an_amount() {
    for text in [
        "10000000000.01",
        "1e30",
        "9999999999999999999999999999999999999",
        "-1e13",
    ] {
        assert_eq!(centavos(text), Err(AmountError::TooLarge), "{text}");
    }
}

#[test]
fn rounds_half_even_both_ways() {
    for (text, expected) in [
        ("0.005", 0),
        ("0.015", 2),
        ("0.025", 2),
        ("0.0251", 3),
        ("-0.005", 0),
        ("-0.015", -2),
    ] {
        assert_eq!(centavos(text), Ok(expected), "{text}");
    }
}

#[test]
fn ratios_round_half_even() {
    let amount = |text| Amount::parse(text).unwrap();
    assert_eq!(amount("1").ratio(amount("3"), 4), 3333);
    assert_eq!(amount("2").ratio(amount("3"), 4), 6667);
    assert_eq!(amount("-1").ratio(amount("8"), 2), -12);
    assert_eq!(amount("1").ratio(amount("-8"), 2), -12);
    assert_eq!(amount("3").ratio(amount("8"), 2), 38);
    assert_eq!(amount("3").ratio(Amount::ZERO, 2), 0);
}

#[test]
fn sums_are_exact() {
    let tenth = Amount::parse("0.1").unwrap();
    assert_eq!(
        (0..10).map(|_| tenth).sum::<Amount>(),
        Amount::parse("1").unwrap()
    );
}

#[test]
fn text_and_back_is_the_same_amount() {
    for (text, expected) in [
        ("1234.5", "1234.50"),
        ("-0.0049", "-0.0049"),
        ("0", "0.00"),
        ("-7", "-7.00"),
    ] {
        let amount = Amount::parse(text).unwrap();
        assert_eq!(amount.to_string(), expected);
        let json = serde_json::to_string(&amount).unwrap();
        assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
    }
}
