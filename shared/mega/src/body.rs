//! The way of a body from the socket to its parser: it is decompressed, and bounded in length.
//!
//! The HTTP client can decompress too, but in pieces of 4 KB, each of which cuts a record in two. The
//! pieces here have 32 KB.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use parse::{BodyParser, ReadError};

/// Why a body cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It is longer than it may be.
    TooLarge,
    /// It is not whole, not what it says it is, or another kind of JSON.
    Unreadable(ReadError),
}

/// A body that is parsed as it arrives.
pub(super) enum Body<P: BodyParser> {
    /// Not compressed.
    Plain(Bounded<P>),
    /// Compressed with gzip.
    Gzip(Box<MultiGzDecoder<Bounded<P>>>),
}

/// A parser that accepts a limited number of bytes.
pub(super) struct Bounded<P> {
    parser: P,
    /// Bytes that it still accepts.
    left: usize,
    /// Why it accepted no more: an `io::Error` cannot carry this out of the decoder.
    refused: Option<BodyError>,
}

impl<P: BodyParser> Body<P> {
    /// Accepts up to `limit` bytes, counted after decompression.
    pub(super) fn new(parser: P, gzip: bool, limit: usize) -> Self {
        let bounded = Bounded {
            parser,
            left: limit,
            refused: None,
        };
        if gzip {
            Self::Gzip(Box::new(MultiGzDecoder::new(bounded)))
        } else {
            Self::Plain(bounded)
        }
    }

    /// Decompresses and parses the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), BodyError> {
        match self {
            Self::Plain(bounded) => bounded.push(piece),
            Self::Gzip(decoder) => {
                let written = decoder.write_all(piece);
                written.map_err(|_| decoder.get_mut().why())
            }
        }
    }

    /// The result of the whole body.
    pub(super) fn finish(self) -> Result<P::Value, BodyError> {
        let bounded = match self {
            Self::Plain(bounded) => bounded,
            Self::Gzip(mut decoder) => {
                let ended = decoder.try_finish();
                ended.map_err(|_| decoder.get_mut().why())?;
                decoder.finish().map_err(|_| BodyError::NOT_WHOLE)?
            }
        };
        bounded.parser.finish().map_err(BodyError::Unreadable)
    }
}

impl BodyError {
    const NOT_WHOLE: Self = Self::Unreadable(ReadError::BrokenOff);
}

impl<P: BodyParser> Bounded<P> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), BodyError> {
        self.left = self
            .left
            .checked_sub(bytes.len())
            .ok_or(BodyError::TooLarge)?;
        self.parser.push(bytes).map_err(BodyError::Unreadable)
    }

    /// Why decompression ended: the parser's error, else malformed gzip.
    fn why(&mut self) -> BodyError {
        self.refused.take().unwrap_or(BodyError::NOT_WHOLE)
    }
}

impl<P: BodyParser> Write for Bounded<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.push(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                self.refused = Some(error);
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const TEXT: &[u8] = br#"[{"a": 1}, {"a": 2}]"#;

    fn compressed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// The body itself, in pieces of so many bytes.
    fn read(body: &[u8], gzip: bool, limit: usize, piece: usize) -> Result<Vec<u8>, BodyError> {
        let mut body_parser = Body::new(Vec::new(), gzip, limit);
        for piece in body.chunks(piece) {
            body_parser.push(piece)?;
        }
        body_parser.finish()
    }

    #[test]
    fn a_compressed_body_is_read_as_if_it_were_not() {
        let twice = [compressed(TEXT), compressed(TEXT)].concat();
        for piece in [1, 7, 1000] {
            assert_eq!(read(TEXT, false, 20, piece).unwrap(), TEXT);
            assert_eq!(read(&compressed(TEXT), true, 20, piece).unwrap(), TEXT);
            assert_eq!(read(&twice, true, 40, piece).unwrap(), TEXT.repeat(2));
        }
    }

    #[test]
    fn a_body_is_bounded_by_what_it_is_when_decompressed() {
        let zeros = vec![b'0'; 1 << 20];
        for (body, gzip) in [(zeros.clone(), false), (compressed(&zeros), true)] {
            assert_eq!(read(&body, gzip, 1 << 20, 999).unwrap(), zeros);
            let error = read(&body, gzip, (1 << 20) - 1, 999).unwrap_err();
            assert_eq!(error, BodyError::TooLarge);
        }
    }

    #[test]
    fn what_is_cut_short_or_changed_is_not_whole() {
        let whole = compressed(TEXT);
        for length in 0..whole.len() {
            let error = read(&whole[..length], true, 20, 5).unwrap_err();
            assert_eq!(error, BodyError::NOT_WHOLE, "{length} bytes");
        }
        for place in [whole.len() - 8, whole.len() - 4] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            let error = read(&changed, true, 20, 5).unwrap_err();
            assert_eq!(error, BodyError::NOT_WHOLE, "its checksum or length");
        }
        assert_eq!(read(TEXT, true, 20, 5).unwrap_err(), BodyError::NOT_WHOLE);
    }
}
