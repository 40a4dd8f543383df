//! The documents: every path they name exists, both languages of the README say the same, and an image is
//! built with those that the page shows.

mod image;
mod languages;
mod markdown;
mod paths;
mod repository;
