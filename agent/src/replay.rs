//! Captures through the engine. Several workers share out the shards, each reading the captures for itself; the first one
//! puts together what all of them saw.

use crate::{
    Limits, SHARDS,
    cut::{Cut, Cuts},
    engine::{Part, Worker, assemble},
    source::{Captures, Frame, SourceError},
};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
};
use wardwatch_model::StreamId;

/// How captures are read.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Worker threads; 0: one for each processor.
    pub workers: usize,
    /// What may be kept.
    pub limits: Limits,
    /// When to tell what is known before the end.
    pub cuts: Cuts,
}

/// What became of the captures.
#[derive(Debug)]
pub struct Replayed {
    /// Files of which something could be read.
    pub readable: usize,
    /// What went wrong, at most one error for each file.
    pub errors: Vec<SourceError>,
}

/// Reads captures, merged by time. `progress` is told how many bytes of how many are read; `each` what is known at each
/// cut and at the end, and can end it.
pub fn replay(
    files: &[PathBuf],
    plan: &Plan,
    mut progress: impl FnMut(u64, u64),
    mut each: impl FnMut(Cut) -> ControlFlow<()>,
) -> Replayed {
    let workers = workers(files, plan.workers);
    let (mut captures, mut errors) = Captures::open(files);
    let readable = files.len() - errors.len();
    let mut others: Vec<Other> = (1..workers).map(|index| Other::start(index, workers, files, plan)).collect();
    let together = |mut parts: Vec<Part>, is_last: bool| {
        for other in &mut others {
            parts.extend(other.parts());
        }
        let (finished, open, flows) = assemble(parts);
        each(Cut { finished, open, flows, is_last })
    };
    work(Worker::new(0, workers, &plan.limits), &mut captures, plan.cuts, &mut progress, together);
    errors.extend(captures.take_errors());
    Replayed { readable, errors }
}

/// A worker on a thread of its own.
struct Other {
    parts: Receiver<Vec<Part>>,
    thread: Option<JoinHandle<()>>,
}

impl Other {
    fn start(index: usize, workers: usize, files: &[PathBuf], plan: &Plan) -> Self {
        let (files, plan) = (files.to_vec(), *plan);
        // One cut ahead, so that no worker waits for the others at each of them.
        let (sender, parts): (SyncSender<Vec<Part>>, _) = sync_channel(1);
        let thread = thread::spawn(move || {
            let tell = |parts, _is_last| match sender.send(parts) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let mut captures = Captures::open(&files).0;
            work(Worker::new(index, workers, &plan.limits), &mut captures, plan.cuts, &mut |_, _| {}, tell);
        });
        Self { parts, thread: Some(thread) }
    }

    /// What it saw since it was asked for the last time.
    fn parts(&mut self) -> Vec<Part> {
        if let Ok(parts) = self.parts.recv() {
            return parts;
        }
        // A worker that panicked would leave a part of the truth out.
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            _ => Vec::new(),
        }
    }
}

fn work(
    mut worker: Worker,
    captures: &mut Captures,
    mut cuts: Cuts,
    progress: &mut impl FnMut(u64, u64),
    mut each: impl FnMut(Vec<Part>, bool) -> ControlFlow<()>,
) {
    while let Some(batch) = captures.next_batch() {
        let mut frames = batch.frames().peekable();
        loop {
            let mut is_due = false;
            let mut goes_on = |frame: &Frame<'_>| {
                is_due = cuts.is_due(frame.at);
                !is_due
            };
            worker.frames(std::iter::from_fn(|| frames.next_if(&mut goes_on)));
            if !is_due {
                break;
            }
            if each(worker.cut(), false).is_break() {
                return;
            }
        }
        let (read, total) = captures.progress();
        progress(read, total);
    }
    // The caller has all there is: whether it wants more makes no difference.
    let _ = each(worker.finish(), true);
}

/// One for each processor, unless told; one only where a file is a pipe, which can be read but once.
fn workers(files: &[PathBuf], wanted: usize) -> usize {
    match wanted {
        _ if !are_regular(files) => 1,
        0 => thread::available_parallelism().map_or(1, usize::from).min(SHARDS),
        workers => workers.min(SHARDS),
    }
}

fn are_regular(files: &[PathBuf]) -> bool {
    files.iter().all(|file| fs::metadata(file).is_ok_and(|metadata| metadata.is_file()))
}

/// Bytes at the beginning and at the end of a file that tell it from others, with its length.
const TELLING: u64 = 1 << 20;

/// The stream that these captures make: the same for the same contents, whatever the files are called. `None` where one of
/// them can be read but once.
pub fn stream_of(files: &[PathBuf]) -> Option<StreamId> {
    if !are_regular(files) {
        return None;
    }
    let mut contents = files.iter().map(|file| fingerprint(file)).collect::<io::Result<Vec<_>>>().ok()?;
    contents.sort_unstable();
    let mut id = [0; 16];
    blake3::Hasher::new().update(contents.as_flattened()).finalize_xof().fill(&mut id);
    Some(StreamId(id))
}

fn fingerprint(file: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(file)?;
    let length = file.metadata()?.len();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&length.to_le_bytes());
    let mut bytes = Vec::new();
    (&mut file).take(TELLING).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(length.saturating_sub(TELLING).max(TELLING)))?;
    file.take(TELLING).read_to_end(&mut bytes)?;
    Ok(hasher.update(&bytes).finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many times a replay tells what it knows, the end included.
    fn told(file: &Path, workers: usize, cuts: Cuts) -> usize {
        let mut told = 0;
        let plan = Plan { workers, limits: Limits::default(), cuts };
        let each = |_: Cut| {
            told += 1;
            ControlFlow::Continue(())
        };
        let replayed = replay(&[file.to_owned()], &plan, |_, _| {}, each);
        assert!(replayed.errors.is_empty(), "{:?}", replayed.errors);
        told
    }

    #[test]
    fn what_is_known_is_told_in_each_interval_in_which_there_is_a_frame() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/captures/hospital.pcapng");
        for every in [10_000_000_000, 1_000_000_000, 137_000_000] {
            let mut intervals = Vec::new();
            let mut captures = Captures::open(std::slice::from_ref(&file)).0;
            while let Some(batch) = captures.next_batch() {
                for frame in batch {
                    let interval = frame.at.0 / every;
                    if intervals.last().is_none_or(|last| *last < interval) {
                        intervals.push(interval);
                    }
                }
            }
            for workers in [1, 3] {
                assert_eq!(told(&file, workers, Cuts::every(every)), intervals.len(), "{workers} workers, {every} ns");
            }
        }
    }
}
