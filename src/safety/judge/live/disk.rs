use std::path::Path;

use super::server::Server;
use crate::disk;

/// Bytes that are free where the server keeps its data; none where that is another machine, or nobody may look.
///
/// A tablespace of its own is on another disk, perhaps, and is not looked at.
pub(super) fn free_bytes(server: &Server) -> Option<u64> {
    let directory = server.data_directory.as_deref()?;
    (server.is_local && is_here(server.pid)).then(|| disk::free(Path::new(directory))).flatten()
}

/// Whether the server process runs on this machine. The server's word is not enough: a pooler on another machine reaches
/// it by a socket there.
#[cfg(target_os = "linux")]
fn is_here(pid: i32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
    name.is_ok_and(|name| name.trim_end().starts_with("postgres"))
}

#[cfg(not(target_os = "linux"))]
fn is_here(_pid: i32) -> bool {
    true
}

#[cfg(all(test, target_os = "linux", feature = "backup"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_of_this_machine_is_measured() {
        assert!(disk::free(Path::new("/")).is_some_and(|bytes| bytes > 0));
        let here = Server { data_directory: Some("/".into()), is_local: true, ..Server::default() };
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(free_bytes(&Server { pid, ..here.clone() }), None, "this process is no server");
        assert_eq!(free_bytes(&Server { is_local: false, ..here }), None);
    }
}
