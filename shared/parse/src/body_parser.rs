//! The interface of a parser that receives a body in pieces.

use super::error::ReadError;

/// Parses an answer's body piece by piece.
pub trait BodyParser {
    /// The result of parsing.
    type Value;

    /// Parses the next piece.
    ///
    /// # Errors
    /// When the body is malformed, whatever follows.
    fn push(&mut self, piece: &[u8]) -> Result<(), ReadError>;

    /// The result of the whole body.
    ///
    /// # Errors
    /// When the body is incomplete, or another kind of JSON.
    fn finish(self) -> Result<Self::Value, ReadError>;

    /// The result of an answer without a body.
    fn empty(self) -> Self::Value;
}

/// Ignores the body.
impl BodyParser for () {
    type Value = ();

    fn push(&mut self, _: &[u8]) -> Result<(), ReadError> {
        Ok(())
    }

    fn finish(self) -> Result<(), ReadError> {
        Ok(())
    }

    fn empty(self) {}
}

/// Collects the bytes of the body.
impl BodyParser for Vec<u8> {
    type Value = Self;

    fn push(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        self.extend_from_slice(piece);
        Ok(())
    }

    fn finish(self) -> Result<Self, ReadError> {
        Ok(self)
    }

    fn empty(self) -> Self {
        self
    }
}
