//! What the private server promises, tried on a real one.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::*;

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn start(home: &Path) -> Result<Embedded> {
    Embedded::start(&Options {
        data_dir: home.into(),
        durable: false,
    })
}

fn accepts(server: &Embedded) -> bool {
    UnixStream::connect(server.place.sockets.join(format!(".s.PGSQL.{PORT}"))).is_ok()
}

fn server_pid(server: &Embedded) -> Pid {
    let text = fs::read_to_string(server.home().join("cluster/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
}

/// What a test leaves in /var/tmp when it ran as root.
fn clean(home: PathBuf, scratch: tempfile::TempDir) {
    if !home.starts_with(scratch.path().canonicalize().unwrap()) {
        fs::remove_dir_all(home).unwrap();
    }
}

#[test]
fn it_accepts_connections_once_started_and_none_once_stopped() {
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    let (home, socket) = (
        server.home().to_owned(),
        server.place.sockets.join(format!(".s.PGSQL.{PORT}")),
    );
    assert!(accepts(&server));
    server.stop();
    assert!(!socket.exists());
    clean(home, scratch);
}

#[test]
fn a_second_start_on_the_same_directory_names_the_process_that_has_it() {
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    let error = start(scratch.path()).err().unwrap().to_string();
    assert!(
        error.contains(&format!("already in use by process {}", std::process::id())),
        "{error}"
    );
    let home = server.home().to_owned();
    drop(server);
    start(scratch.path()).unwrap().stop();
    clean(home, scratch);
}

#[test]
fn it_starts_again_after_its_server_was_killed() {
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    kill(server_pid(&server), Signal::SIGKILL).unwrap();
    drop(server);
    let server = start(scratch.path()).unwrap();
    assert!(accepts(&server));
    clean(server.home().to_owned(), scratch);
}

#[test]
fn a_stale_pid_that_now_belongs_to_somebody_else_is_no_obstacle() {
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    let home = server.home().to_owned();
    let pid_file = home.join("cluster/postmaster.pid");
    let stale = fs::read_to_string(&pid_file).unwrap().replace(
        &server_pid(&server).to_string(),
        &std::process::id().to_string(),
    );
    server.stop();
    fs::write(&pid_file, stale).unwrap();
    start(scratch.path()).unwrap().stop();
    clean(home, scratch);
}

#[test]
fn the_server_and_its_socket_belong_to_one_user_who_is_not_root() {
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    let socket = fs::metadata(&server.place.sockets).unwrap();
    let cluster = fs::metadata(server.home().join("cluster")).unwrap();
    assert_ne!(cluster.uid(), 0);
    assert_eq!(
        (socket.uid(), socket.mode() & 0o777),
        (cluster.uid(), 0o700)
    );
    if cfg!(target_os = "linux") {
        assert_eq!(
            fs::metadata(format!("/proc/{}", server_pid(&server)))
                .unwrap()
                .uid(),
            cluster.uid()
        );
    }
    clean(server.home().to_owned(), scratch);
}

#[test]
fn a_cluster_of_another_major_version_is_refused_with_advice() {
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    let home = server.home().to_owned();
    server.stop();
    fs::write(home.join("cluster/PG_VERSION"), "9\n").unwrap();
    let error = start(scratch.path()).err().unwrap().to_string();
    assert!(
        error.contains("made by PostgreSQL 9") && error.contains("TRACKER_PG_BIN"),
        "{error}"
    );
    clean(home, scratch);
}

#[test]
fn a_deep_directory_keeps_its_socket_elsewhere() {
    let scratch = scratch();
    let deep = scratch.path().join("d".repeat(120));
    let server = start(&deep).unwrap();
    assert!(accepts(&server));
    let (home, sockets) = (server.home().to_owned(), server.place.sockets.clone());
    assert!(sockets.as_os_str().len() < 100);
    server.stop();
    let side = sockets.parent().unwrap();
    if side != home {
        fs::remove_dir_all(side).unwrap();
    }
    clean(home, scratch);
}

#[test]
fn removing_the_data_directory_removes_the_database_wherever_it_is() {
    let scratch = scratch();
    let data_dir = scratch.path().join("data");
    let server = start(&data_dir).unwrap();
    let home = server.home().to_owned();
    server.stop();
    fs::write(home.join("cluster/mark"), "").unwrap();
    fs::remove_dir_all(&data_dir).unwrap();
    start(&data_dir).unwrap().stop();
    assert!(!home.join("cluster/mark").exists());
    clean(home, scratch);
}

#[test]
fn the_address_is_a_libpq_url_with_the_socket_as_its_host() {
    assert_eq!(percent_encoded("/tmp/a b".as_bytes()), "%2Ftmp%2Fa%20b");
    let scratch = scratch();
    let server = start(scratch.path()).unwrap();
    let url = server.url(server.superuser(), "postgres");
    assert!(
        url.starts_with("postgres://postgres@%2F") && url.ends_with(":5432/postgres"),
        "{url}"
    );
    clean(server.home().to_owned(), scratch);
}
