//! DICOM (PS3.5, PS3.7, PS3.8): PDUs, commands, data sets.

mod association;
mod command;
mod data_set;
mod pdu;
pub mod uid;

pub use association::Association;
pub use command::Command;
pub use data_set::{DataSet, Lengths, Syntax};
pub use pdu::{
    Answer, Context, Request, User, UserIdentity, abort, associate_ac, associate_rj, associate_rq, message, p_data,
    release_rp, release_rq,
};
