//! The fields of a form as the flags of a command.

/// A flag with its value for each field that is filled in.
pub fn values<const N: usize>(fields: [(&str, &str); N]) -> Vec<String> {
    let fields = fields.map(|(flag, value)| (flag, value.trim()));
    let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
    filled
        .map(|(flag, value)| format!("--{flag}={value}"))
        .collect()
}

/// A flag for each box that is ticked.
pub fn switches<const N: usize>(boxes: [(&str, &str); N]) -> Vec<String> {
    let ticked = boxes.into_iter().filter(|(_, value)| *value == "on");
    ticked.map(|(flag, _)| format!("--{flag}")).collect()
}

/// Codes with commas between them, and spaces anywhere, as a flag has them.
pub fn codes(text: &str) -> String {
    text.split_whitespace().collect()
}
