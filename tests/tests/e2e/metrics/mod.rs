//! What a worker exposes to those who watch it, and the alerts that use it.

mod alerts;
mod exposition;
mod ready;
mod scrape;
mod watched;
