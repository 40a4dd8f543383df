//! The fields used of one object, as raw JSON.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::field::Field;
use super::problem::Problem;
use super::value::Value;

/// The raw values of N named fields of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a, const N: usize> {
    names: &'static [&'static str; N],
    raw: [Option<&'a str>; N],
    /// No value has an escape.
    plain: bool,
}

impl<'a, const N: usize> Fields<'a, N> {
    /// Fields of these names and raw values, none of which has an escape.
    #[inline]
    pub(super) const fn plain(
        names: &'static [&'static str; N],
        raw: [Option<&'a str>; N],
    ) -> Self {
        let plain = true;
        Self { names, raw, plain }
    }

    #[cfg(test)]
    pub(super) const fn raw(&self) -> [Option<&'a str>; N] {
        self.raw
    }

    /// The field of that index; a problem when the object has no such key.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Result<Field<'a>, Problem> {
        self.optional(index)
            .ok_or(Problem::new(self.names[index], "missing"))
    }

    /// The field of that index, if the object has such a key.
    #[inline]
    pub(super) fn optional(&self, index: usize) -> Option<Field<'a>> {
        self.raw[index].map(|raw| Field::new(self.names[index], Value::of(raw, self.plain)))
    }

    /// The field `key` of the object in the field of that index. `name` stands for both in
    /// problems.
    pub(super) fn inside(
        &self,
        index: usize,
        key: &'static [&'static str; 1],
        name: &'static str,
    ) -> Result<Field<'a>, Problem> {
        let problem = |what| Err(Problem::new(name, what));
        let Some(raw) = self.raw[index] else {
            return problem("missing");
        };
        let mut json = serde_json::Deserializer::from_str(raw);
        match (Element { names: key }).deserialize(&mut json) {
            Ok(Some(Fields {
                raw: [Some(raw)], ..
            })) => Ok(Field::new(name, Value::of(raw, false))),
            Ok(Some(_)) => problem("missing"),
            Ok(None) if raw == "null" => problem("null"),
            Ok(None) | Err(_) => problem("not in an object"),
        }
    }
}

/// Reads one value: the named fields when it is an object, `None` for anything else.
#[derive(Clone, Copy)]
pub(super) struct Element<const N: usize> {
    pub(super) names: &'static [&'static str; N],
}

impl<'a, const N: usize> DeserializeSeed<'a> for Element<N> {
    type Value = Option<Fields<'a, N>>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a, const N: usize> Visitor<'a> for Element<N> {
    type Value = Option<Fields<'a, N>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut raw = [None; N];
        while let Some(index) = object.next_key_seed(Key { names: self.names })? {
            match index {
                Some(index) => raw[index] = Some(object.next_value::<&RawValue>()?.get()),
                None => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Some(Fields {
            names: self.names,
            raw,
            plain: false,
        }))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads a key: the index of its name, `None` for a key that is not used.
struct Key<const N: usize> {
    names: &'static [&'static str; N],
}

impl<'a, const N: usize> DeserializeSeed<'a> for Key<N> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<const N: usize> Visitor<'_> for Key<N> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(index_of(self.names, key))
    }
}

/// Which of the names a key is, whatever its case.
#[inline]
pub(super) fn index_of<const N: usize>(names: &[&str; N], key: &str) -> Option<usize> {
    // Most names differ in length, which is the quicker comparison.
    names
        .iter()
        .position(|name| name.len() == key.len() && name.eq_ignore_ascii_case(key))
}
