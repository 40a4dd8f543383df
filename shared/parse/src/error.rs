//! Why a body cannot be parsed.

/// Why a body could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The body is not well-formed JSON, or it ends early.
    BrokenOff,
    /// The body is JSON of another shape; the text says which.
    Shape(&'static str),
}
