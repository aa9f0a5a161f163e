//! What is wrong in the hospital, and what only looks like it.

mod boundary;
mod broken;
mod guesses;
mod titles;

use super::{
    applications::{Call, Entity, Proposals, Software},
    archives::Archives,
    clinical::Systems,
    modalities::Modality,
    objects::Object,
    site::Host,
    stage::Stage,
};

/// All of it.
pub(super) fn happen(
    stage: &mut Stage,
    archives: &Archives,
    modalities: &[Modality],
    systems: &Systems,
    studies: &[Vec<Object>],
) {
    guesses::happen(stage, archives, modalities);
    titles::happen(stage, archives, studies);
    broken::happen(stage, archives, modalities);
    boundary::happen(stage, archives, modalities, systems);
}

/// An entity that only calls.
fn caller(host: Host, title: &str, software: Software) -> Entity {
    Entity { host, title: title.to_owned(), port: 104, software }
}

/// A call by which title, whatever the server's is.
fn by_title<'a>(client: &'a Entity, called: &'a str, proposals: Proposals<'a>) -> Call<'a> {
    Call { calling: &client.title, called, proposals, identity: None, provides: &[] }
}

/// The modality of a title.
fn modality<'a>(modalities: &'a [Modality], title: &str) -> &'a Modality {
    modalities.iter().find(|modality| modality.entity.title == title).expect("a modality of that title")
}
