//! The documents: every path they name exists, and both languages of the README say the same.

mod languages;
mod markdown;
mod paths;
mod repository;
