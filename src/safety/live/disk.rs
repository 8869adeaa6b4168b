use super::server::Server;

/// Bytes that are free where the server keeps its data; none where that is another machine, or nobody may look.
///
/// A tablespace of its own is on another disk, perhaps, and is not looked at.
pub(super) fn free_bytes(server: &Server) -> Option<u64> {
    let directory = server.data_directory.as_deref()?;
    (server.is_local && is_here(server.pid)).then(|| free_at(directory)).flatten()
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

#[cfg(all(unix, feature = "backup"))]
fn free_at(directory: &str) -> Option<u64> {
    let disk = rustix::fs::statvfs(directory).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Nothing here asks the system.
#[cfg(not(all(unix, feature = "backup")))]
fn free_at(_directory: &str) -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux", feature = "backup"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_of_this_machine_is_measured() {
        assert!(free_at("/").is_some_and(|bytes| bytes > 0));
        let here = Server { data_directory: Some("/".into()), is_local: true, ..Server::default() };
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(free_bytes(&Server { pid, ..here.clone() }), None, "this process is no server");
        assert_eq!(free_bytes(&Server { is_local: false, ..here }), None);
    }
}
