//! Parses a JSON array as it arrives: each record as soon as it is complete. Of the body only the
//! incomplete record at the end of the latest piece is buffered.

use serde::de::{DeserializeSeed as _, IgnoredAny};
use serde_json::Deserializer;

use super::body_parser::BodyParser;
use super::error::ReadError;
use super::fields::{Element, Fields};
use super::shape::{BYTE_ORDER_MARK, kind_of};
use super::template::RecordTemplate;

/// The least that is copied of a new piece to complete the record before it.
const STEP_BYTES: usize = 1024;

/// Folds the elements of an array: the named fields of an object, or `None` for anything else.
pub(super) struct ArrayParser<const N: usize, T, F> {
    names: &'static [&'static str; N],
    folded: T,
    step: F,
    state: State,
    template: Option<RecordTemplate>,
    /// The bytes of an incomplete record.
    buffered: Vec<u8>,
}

/// What the parser expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Body,
    /// The first element, or the end of an empty array.
    First,
    Element,
    AfterElement,
    End,
    /// The body is no array. All of it is buffered, because the error names its kind only if it is
    /// well-formed.
    NoArray,
}

impl<const N: usize, T, F> ArrayParser<N, T, F>
where
    F: for<'a> FnMut(&mut T, Option<Fields<'a, N>>),
{
    /// Folds into `folded` with `step`.
    pub(super) fn new(names: &'static [&'static str; N], folded: T, step: F) -> Self {
        Self {
            names,
            folded,
            step,
            state: State::Body,
            template: None,
            buffered: Vec::new(),
        }
    }

    /// Parses what is complete of `bytes`, and returns the length of that.
    fn parse(&mut self, bytes: &[u8]) -> Result<usize, ReadError> {
        let mut rest = Remaining::of(bytes);
        loop {
            rest.skip_blanks();
            let Some(next) = rest.bytes.first() else {
                break;
            };
            match (self.state, next) {
                (State::Body, _) if BYTE_ORDER_MARK.starts_with(rest.bytes) => break,
                (State::Body, _) if rest.bytes.starts_with(BYTE_ORDER_MARK) => {
                    rest.skip(BYTE_ORDER_MARK.len());
                }
                (State::Body, b'[') => {
                    rest.skip(1);
                    self.state = State::First;
                }
                (State::Body, _) => self.state = State::NoArray,
                (State::First | State::AfterElement, b']') => {
                    rest.skip(1);
                    self.state = State::End;
                }
                (State::AfterElement, b',') => {
                    rest.skip(1);
                    self.state = State::Element;
                }
                (State::First | State::Element, _) => {
                    let Some(length) = self.element(&rest)? else {
                        break;
                    };
                    rest.skip(length);
                    self.state = State::AfterElement;
                }
                (State::AfterElement | State::End, _) => return Err(ReadError::BrokenOff),
                (State::NoArray, _) => break,
            }
        }
        Ok(bytes.len() - rest.bytes.len())
    }

    /// Folds the next element and returns its length; `None` while it is incomplete.
    fn element(&mut self, rest: &Remaining<'_>) -> Result<Option<usize>, ReadError> {
        if let Some(template) = &mut self.template
            && let Some((raw, after)) = template.read(rest.text)
        {
            (self.step)(&mut self.folded, Some(Fields::plain(self.names, raw)));
            return Ok(Some(rest.text.len() - after.len()));
        }
        let Some(length) = length_of_value(rest.bytes) else {
            return Ok(None);
        };
        let mut json = Deserializer::from_slice(&rest.bytes[..length]);
        let fields = Element { names: self.names }.deserialize(&mut json);
        (self.step)(&mut self.folded, fields.map_err(|_| ReadError::BrokenOff)?);
        if self.state == State::First {
            let first = rest.text.get(..length);
            self.template = first.and_then(|record| RecordTemplate::of(record, self.names));
        }
        Ok(Some(length))
    }
}

impl<const N: usize, T, F> BodyParser for ArrayParser<N, T, F>
where
    F: for<'a> FnMut(&mut T, Option<Fields<'a, N>>),
{
    type Value = T;

    fn push(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        let mut piece = piece;
        // Of a new piece only as much is copied as completes the buffered record.
        while !self.buffered.is_empty() && !piece.is_empty() {
            let before = self.buffered.len();
            let (more, after) = piece.split_at(before.max(STEP_BYTES).min(piece.len()));
            let mut buffered = std::mem::take(&mut self.buffered);
            buffered.extend_from_slice(more);
            let parsed = self.parse(&buffered)?;
            if parsed >= before {
                buffered.clear();
                piece = &piece[parsed - before..];
            } else {
                buffered.drain(..parsed);
                piece = after;
            }
            self.buffered = buffered;
        }
        let parsed = self.parse(piece)?;
        self.buffered.extend_from_slice(&piece[parsed..]);
        Ok(())
    }

    fn finish(self) -> Result<T, ReadError> {
        match self.state {
            State::End => Ok(self.folded),
            State::NoArray if serde_json::from_slice::<IgnoredAny>(&self.buffered).is_ok() => {
                Err(ReadError::Shape(kind_of(&self.buffered)))
            }
            _ => Err(ReadError::BrokenOff),
        }
    }

    fn empty(self) -> T {
        self.folded
    }
}

/// The bytes still to parse, and their longest prefix that is UTF-8: usually all but a letter cut
/// in two.
struct Remaining<'a> {
    bytes: &'a [u8],
    text: &'a str,
}

impl<'a> Remaining<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let text = match str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        Self { bytes, text }
    }

    fn skip(&mut self, length: usize) {
        *self = match self.text.get(length..) {
            Some(text) => Self {
                bytes: &self.bytes[length..],
                text,
            },
            // The element had bytes that are no UTF-8, in a value that the JSON parser skips.
            None => Self::of(&self.bytes[length..]),
        };
    }

    fn skip_blanks(&mut self) {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        let blanks = self.bytes.iter().take_while(blank).count();
        if blanks > 0 {
            self.skip(blanks);
        }
    }
}

/// The length of the JSON value that some bytes begin with; `None` while it is incomplete. A
/// malformed value is `None` too, since a number cut in two looks no different: the end of the body
/// shows which it was.
fn length_of_value(bytes: &[u8]) -> Option<usize> {
    let mut values = Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let length = values.byte_offset();
    // More digits may follow a number.
    let ends_itself = matches!(bytes[length - 1], b'}' | b']' | b'"');
    (ends_itself || length < bytes.len()).then_some(length)
}
