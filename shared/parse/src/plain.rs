//! Where a JSON value ends, for the plainest values only.

/// The length of the value that a text begins with, when that is a text without escapes, a number
/// without an exponent, null, true or false. `None` for any other value, and for malformed JSON.
#[inline]
pub(super) fn plain_value(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'"' => {
            let end = 1 + first_special(&bytes[1..])?;
            (bytes[end] == b'"').then_some(end + 1)
        }
        b'-' | b'0'..=b'9' => plain_number(bytes),
        b'n' => bytes.starts_with(b"null").then_some(4),
        b't' => bytes.starts_with(b"true").then_some(4),
        b'f' => bytes.starts_with(b"false").then_some(5),
        _ => None,
    }
}

/// Where the first quote, backslash or control character is; eight bytes at a time.
#[inline]
fn first_special(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = EACH << 7;
    // Marks bytes below `limit`: all of them up to the first, and only what follows it may be
    // marked wrongly, by a borrow.
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & HIGHEST;
    let equal = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);

    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let special = equal(word, b'"') | equal(word, b'\\') | below(word, 0x20);
        if special != 0 {
            return Some(index * 8 + special.trailing_zeros() as usize / 8);
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let in_rest = rest.iter().position(special)?;
    Some(words.len() * 8 + in_rest)
}

#[inline]
fn plain_number(bytes: &[u8]) -> Option<usize> {
    let digits_end = |from: usize| {
        let digits = bytes[from..].iter().take_while(|b| b.is_ascii_digit());
        from + digits.count()
    };
    let whole = usize::from(bytes[0] == b'-');
    let end = digits_end(whole);
    let leading_zero = bytes.get(whole) == Some(&b'0');
    if end == whole || (leading_zero && end > whole + 1) {
        return None;
    }
    let end = match bytes.get(end) {
        Some(b'.') => Some(digits_end(end + 1)).filter(|decimals| *decimals > end + 1)?,
        _ => end,
    };
    (!matches!(bytes.get(end), Some(b'e' | b'E'))).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_at_its_first_special_byte_wherever_that_is() {
        for special in (0..=0x1f).chain([b'"', b'\\']) {
            for at in 0..20 {
                // 0x80 and more are parts of letters; a second special byte is not the first.
                let mut bytes = [0xc3, 0xa9, b' ', b'!', b'#', b'[', b']', 0x7f].repeat(3);
                bytes[at] = special;
                bytes[at + 2] = b'"';
                assert_eq!(first_special(&bytes), Some(at), "{special} {at}");
            }
        }
        assert_eq!(first_special("é ação sem fim #[]".as_bytes()), None);
    }
}
