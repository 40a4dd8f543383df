//! Both roles in one process: the command line of `mega-sync`.

pub mod cli;
