//! Files and connections (landlock(7)): the folder for data, what a reload reads, and the port of the uplink.

use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};
use std::path::{Path, PathBuf};

/// The newest rules that are asked for; an older kernel gives what it has. Unix sockets are left alone: the service manager
/// is told through one.
const RULES: ABI = ABI::V5;

/// What is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paths {
    /// Folders in which everything may be done.
    pub(crate) write: Vec<PathBuf>,
    /// Files, and folders with all in them, that may be read. What is not there is left out.
    pub(crate) read: Vec<PathBuf>,
    /// TCP port that may be connected to.
    pub(crate) connect: Option<u16>,
}

impl Paths {
    /// The folder of a file that may be replaced by another one of the same name, as editors and certificate tools do; and the
    /// one that it really lies in, where it is a link.
    pub(crate) fn read_around(&mut self, file: &Path) {
        for file in [Some(file.to_owned()), file.canonicalize().ok()].into_iter().flatten() {
            let folder = file.parent().map_or(Path::new("."), |parent| match parent.as_os_str().is_empty() {
                true => Path::new("."),
                false => parent,
            });
            self.read.push(folder.to_owned());
        }
    }
}

/// What the kernel holds.
pub(super) struct Entered {
    /// Files are restricted.
    pub(super) reads: bool,
    /// Connections are.
    pub(super) connects: bool,
    /// Programs that are started get no more rights than this thread has, whatever their files say.
    pub(super) no_new_privileges: bool,
}

/// Gives up all files and TCP connections but these, on this thread and those that it will start; no new privileges too.
pub(super) fn enter(paths: &Paths) -> Result<Entered, String> {
    let status = restrict(paths).map_err(|error| format!("landlock: {error}"))?;
    let reads = status.ruleset != RulesetStatus::NotEnforced;
    let connects = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => reads && effective_abi >= ABI::V4,
        _ => false,
    };
    Ok(Entered { reads, connects, no_new_privileges: status.no_new_privs })
}

fn restrict(paths: &Paths) -> Result<landlock::RestrictionStatus, RulesetError> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .create()?;
    let beneath = |path: &PathBuf, access| PathFd::new(path).ok().map(|folder| PathBeneath::new(folder, access));
    for rule in paths.write.iter().filter_map(|path| beneath(path, AccessFs::from_all(RULES))) {
        rules = rules.add_rule(rule)?;
    }
    for rule in paths.read.iter().filter_map(|path| beneath(path, AccessFs::ReadFile | AccessFs::ReadDir)) {
        rules = rules.add_rule(rule)?;
    }
    if let Some(port) = paths.connect {
        rules = rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?;
    }
    rules.restrict_self()
}
