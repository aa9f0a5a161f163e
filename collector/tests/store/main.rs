//! The collector with its store on disk: what was acknowledged is there, whatever happens to the process or to the files.

#![cfg(test)]

mod bounds;
mod crash;
mod damage;
mod failing;
mod measure;
mod merging;
mod support;
