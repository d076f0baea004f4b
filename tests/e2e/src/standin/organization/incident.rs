//! Incidents: what happens in the middle of an audit that nobody asked for?

use std::fs::{read_dir, read_link, read_to_string};
use std::net::SocketAddr;
use std::process::Command;

/// What happens as soon as something is asked of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The process that asks is killed, as the machine below it could.
    Killed,
    /// The account leaves the organisation.
    Left,
}

/// How often the kernel's lists are read. They are no snapshots: while other connections come and go, one that is open may be left out.
const READINGS: usize = 100;

/// Kills the process that a connection comes from.
pub(super) fn kill(connection: (SocketAddr, SocketAddr)) {
    let mut readings = 0..READINGS;
    let process = readings.find_map(|_| holder(&socket(connection)?));
    let process = process.expect("the connection is open, and a process has it");
    let killed = Command::new("kill").args(["-KILL", &process]).status();
    assert!(killed.is_ok_and(|status| status.success()), "{process}");
}

/// The other side's socket, as the kernel names it among a process's files.
fn socket((from, to): (SocketAddr, SocketAddr)) -> Option<String> {
    let connections = read_to_string("/proc/net/tcp").ok()?;
    // A port of the caller's may be that of connections to others too.
    let [from, to] = [from, to].map(|end| format!(":{:04X}", end.port()));
    let mut lines = connections.lines().map(str::split_whitespace);
    lines.find_map(|mut fields| {
        let (local, remote) = (fields.nth(1)?, fields.next()?);
        let inode = fields.nth(6)?;
        let is_its = local.ends_with(&from) && remote.ends_with(&to);
        is_its.then(|| format!("socket:[{inode}]"))
    })
}

/// The process that has a socket open.
fn holder(socket: &str) -> Option<String> {
    let processes = read_dir("/proc").ok()?.flatten();
    let has = |process: &str| {
        let files = read_dir(format!("/proc/{process}/fd"));
        let mut files = files.into_iter().flatten().flatten();
        files.any(|file| read_link(file.path()).is_ok_and(|link| link.as_os_str() == socket))
    };
    let mut names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    names.find(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && has(name))
}
