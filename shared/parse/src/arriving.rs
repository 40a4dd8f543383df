//! A list read while it arrives: each record as soon as it is whole, so that of a body no more is
//! kept than the record that its latest piece cuts in two.

use serde::de::{DeserializeSeed as _, IgnoredAny};
use serde_json::Deserializer;

use super::fields::{Element, Fields};
use super::layout::Layout;
use super::{BYTE_ORDER_MARK, ReadError, kind_of};

/// How much of a piece is at least tried to complete the record before it.
const STEP_BYTES: usize = 1024;

/// What is made of an answer's body, piece by piece.
pub trait Reading {
    /// What it gives.
    type Value;

    /// Takes the next piece.
    ///
    /// # Errors
    /// When the body cannot be what it should be, whatever follows.
    fn take(&mut self, piece: &[u8]) -> Result<(), ReadError>;

    /// What the whole body gives.
    ///
    /// # Errors
    /// When it is not whole, or another kind of JSON.
    fn finish(self) -> Result<Self::Value, ReadError>;

    /// What no body at all gives.
    fn nothing(self) -> Self::Value;
}

/// Nothing is made of the body.
impl Reading for () {
    type Value = ();

    fn take(&mut self, _: &[u8]) -> Result<(), ReadError> {
        Ok(())
    }

    fn finish(self) -> Result<(), ReadError> {
        Ok(())
    }

    fn nothing(self) {}
}

/// The body itself.
impl Reading for Vec<u8> {
    type Value = Self;

    fn take(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        self.extend_from_slice(piece);
        Ok(())
    }

    fn finish(self) -> Result<Self, ReadError> {
        Ok(self)
    }

    fn nothing(self) -> Self {
        self
    }
}

/// Folds the elements of an array: the named fields of an object, or `None` for anything else.
pub struct List<const N: usize, T, F> {
    names: &'static [&'static str; N],
    folded: T,
    step: F,
    place: Place,
    layout: Option<Layout>,
    /// The begin of what could not be read yet.
    held: Vec<u8>,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    First,
    Element,
    AfterElement,
    End,
    /// It is no array: what it is instead is told from the whole.
    NoArray,
}

impl<const N: usize, T, F> List<N, T, F>
where
    F: for<'a> FnMut(&mut T, Option<Fields<'a, N>>),
{
    /// Folds into `folded` with `step`.
    pub(super) fn new(names: &'static [&'static str; N], folded: T, step: F) -> Self {
        Self {
            names,
            folded,
            step,
            place: Place::Body,
            layout: None,
            held: Vec::new(),
        }
    }

    /// Reads what is whole of `bytes`, and tells how much that was.
    fn read(&mut self, bytes: &[u8]) -> Result<usize, ReadError> {
        let mut left = Left::of(bytes);
        loop {
            left.skip_blanks();
            let Some(next) = left.bytes.first() else {
                break;
            };
            match (self.place, next) {
                (Place::Body, _) if BYTE_ORDER_MARK.starts_with(left.bytes) => break,
                (Place::Body, _) if left.bytes.starts_with(BYTE_ORDER_MARK) => {
                    left.skip(BYTE_ORDER_MARK.len());
                }
                (Place::Body, b'[') => {
                    left.skip(1);
                    self.place = Place::First;
                }
                (Place::Body, _) => self.place = Place::NoArray,
                (Place::First | Place::AfterElement, b']') => {
                    left.skip(1);
                    self.place = Place::End;
                }
                (Place::AfterElement, b',') => {
                    left.skip(1);
                    self.place = Place::Element;
                }
                (Place::First | Place::Element, _) => {
                    let Some(length) = self.element(&left)? else {
                        break;
                    };
                    left.skip(length);
                    self.place = Place::AfterElement;
                }
                (Place::AfterElement | Place::End, _) => return Err(ReadError::BrokenOff),
                (Place::NoArray, _) => break,
            }
        }
        Ok(bytes.len() - left.bytes.len())
    }

    /// Folds the element that comes next, and tells its length; `None` while it is not whole.
    fn element(&mut self, left: &Left<'_>) -> Result<Option<usize>, ReadError> {
        if let Some(layout) = &mut self.layout
            && let Some((raw, after)) = layout.read(left.text)
        {
            (self.step)(&mut self.folded, Some(Fields::plain(self.names, raw)));
            return Ok(Some(left.text.len() - after.len()));
        }
        let Some(length) = length_of_value(left.bytes) else {
            return Ok(None);
        };
        let mut json = Deserializer::from_slice(&left.bytes[..length]);
        let fields = Element { names: self.names }.deserialize(&mut json);
        (self.step)(&mut self.folded, fields.map_err(|_| ReadError::BrokenOff)?);
        if self.place == Place::First {
            let first = left.text.get(..length);
            self.layout = first.and_then(|record| Layout::of(record, self.names));
        }
        Ok(Some(length))
    }
}

impl<const N: usize, T, F> Reading for List<N, T, F>
where
    F: for<'a> FnMut(&mut T, Option<Fields<'a, N>>),
{
    type Value = T;

    fn take(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        let mut piece = piece;
        // Of a new piece only as much is copied as completes the record that was cut in two.
        while !self.held.is_empty() && !piece.is_empty() {
            let before = self.held.len();
            let (more, after) = piece.split_at(before.max(STEP_BYTES).min(piece.len()));
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(more);
            let read = self.read(&held)?;
            if read >= before {
                held.clear();
                piece = &piece[read - before..];
            } else {
                held.drain(..read);
                piece = after;
            }
            self.held = held;
        }
        let read = self.read(piece)?;
        self.held.extend_from_slice(&piece[read..]);
        Ok(())
    }

    fn finish(self) -> Result<T, ReadError> {
        match self.place {
            Place::End => Ok(self.folded),
            Place::NoArray if serde_json::from_slice::<IgnoredAny>(&self.held).is_ok() => {
                Err(ReadError::Shape(kind_of(&self.held)))
            }
            _ => Err(ReadError::BrokenOff),
        }
    }

    fn nothing(self) -> T {
        self.folded
    }
}

/// What is left of some bytes, and as much of that as is known to be UTF-8: all but a letter cut
/// in two, unless something else is amiss.
struct Left<'a> {
    bytes: &'a [u8],
    text: &'a str,
}

impl<'a> Left<'a> {
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
            // Past a text that no JSON parser looks into.
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

/// The length of the JSON value that some bytes begin with; `None` while it is not whole. What can
/// never become one is told from that at the end: a number cut in two looks no different.
fn length_of_value(bytes: &[u8]) -> Option<usize> {
    let mut values = Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let length = values.byte_offset();
    // More digits may follow a number.
    let ends_itself = matches!(bytes[length - 1], b'}' | b']' | b'"');
    (ends_itself || length < bytes.len()).then_some(length)
}
