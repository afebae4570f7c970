//! A cluster whose servers are processes of this host: for trying out, and for tests.
//!
//! Its folder is made whole before the first server starts, ports and secret included, and is started again as it is. The
//! servers hold the other end of a pipe: when this process ends, however it does, they end in order.
//!
//! [`folder`] the folder · `child` one server as a process
//!
//! **Invariant.** A folder without `cluster.toml` was never started; one with it is never made anew.

mod child;
pub mod folder;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::local_cluster::child::{Child, Word};
use crate::local_cluster::folder::{Claim, Founding};
use crate::settings::ClusterFile;
use crate::signals::Requests;

/// How long servers have to end in order.
const ENDING_MAX: Duration = Duration::from_secs(20);
/// How long servers have until they listen.
const BEGINNING_MAX: Duration = Duration::from_secs(60);

/// A cluster to be started.
#[derive(Debug)]
pub struct LocalCluster {
    /// Its folder.
    pub folder: PathBuf,
    /// What a new folder is made with.
    pub founding: Founding,
    /// The program of which `chat serve` is a command.
    pub executable: PathBuf,
    /// What is said goes here, line by line.
    pub say: fn(&str),
}

/// How a cluster has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As it was asked to.
    InOrder,
    /// Servers ended that nobody asked, or did not end in order.
    Otherwise,
}

impl LocalCluster {
    /// Starts the servers, and stays until it is asked to end or none is left.
    ///
    /// # Errors
    ///
    /// When the folder is in use or no cluster's, or a server does not begin.
    pub fn run(&self) -> anyhow::Result<Ending> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime cannot start")?;
        runtime.block_on(self.serve())
    }

    async fn serve(&self) -> anyhow::Result<Ending> {
        let mut requests = Requests::listen().context("signals cannot be heard")?;
        let (claim, file) = Claim::take(&self.folder, &self.founding)?;
        if claim.is_new {
            let servers = file.servers.len();
            (self.say)(&format!(
                "{}: a new cluster of {servers}",
                self.folder.display()
            ));
        }
        let (sender, mut words) = mpsc::unbounded_channel();
        let mut children = Vec::new();
        for number in 0..file.servers.len() {
            children.push(Child::start(
                &self.executable,
                &self.folder,
                number,
                sender.clone(),
            )?);
        }
        let begun = timeout(BEGINNING_MAX, self.begin(&mut words, &children));
        tokio::select! {
            begun = begun => begun.context("not all servers listen after a minute; see their logs")??,
            () = requests.next() => return self.end(children, words, requests).await,
        }
        self.greet(&file);
        self.watch(children, words, requests).await
    }

    /// Waits until all servers listen.
    async fn begin(
        &self,
        words: &mut mpsc::UnboundedReceiver<(usize, Word)>,
        children: &[Child],
    ) -> anyhow::Result<()> {
        let mut lines = BTreeMap::new();
        while lines.len() < children.len() {
            match words.recv().await {
                Some((number, Word::Line(line))) => drop(lines.insert(number, line)),
                Some((number, Word::Ended(how))) => {
                    let child = &children[number];
                    bail!(
                        "server {number} did not begin ({how}):\n{}",
                        child.last_lines()
                    );
                }
                None => bail!("no server is left"),
            }
        }
        lines.values().for_each(|line| (self.say)(line));
        Ok(())
    }

    fn greet(&self, file: &ClusterFile) {
        let folder = quoted(&self.folder);
        let survives = match (file.servers.len(), file.tolerate.word()) {
            (1, _) => "one server: when it is down, nobody serves",
            (_, "crashes") => "all servers but one may crash; do not cut them off from each other",
            _ => "a minority of the servers may crash or be cut off",
        };
        (self.say)(&format!(
            "{survives}\nIn other terminals:\n  runner chat client --folder {folder} --name ada\n  runner chat status \
             --folder {folder}\nCtrl-C ends all servers; what they know stays in {folder}"
        ));
    }

    /// Watches until it is asked to end, or no server is left.
    async fn watch(
        &self,
        children: Vec<Child>,
        mut words: mpsc::UnboundedReceiver<(usize, Word)>,
        mut requests: Requests,
    ) -> anyhow::Result<Ending> {
        let mut running = children.len();
        while running > 0 {
            tokio::select! {
                () = requests.next() => {
                    let ending = self.end(children, words, requests).await?;
                    return Ok(ending);
                }
                word = words.recv() => {
                    let Some((number, Word::Ended(how))) = word else { continue };
                    running -= 1;
                    (self.say)(&format!(
                        "server {number} has ended ({how}); its log: {}\nStart it again: {}",
                        children[number].log.display(),
                        self.command(&children[number].config)
                    ));
                }
            }
        }
        (self.say)(&format!(
            "no server is left that this command started; all again: {} chat cluster --folder {}",
            quoted(&self.executable),
            quoted(&self.folder)
        ));
        Ok(Ending::Otherwise)
    }

    /// Ends all servers in order; at once when it is asked again.
    async fn end(
        &self,
        mut children: Vec<Child>,
        mut words: mpsc::UnboundedReceiver<(usize, Word)>,
        mut requests: Requests,
    ) -> anyhow::Result<Ending> {
        (self.say)("ending all servers in order (Ctrl-C again: at once)");
        for child in &mut children {
            child.ask_to_end();
        }
        let deadline = Instant::now() + ENDING_MAX;
        let mut ending = Ending::InOrder;
        while children.iter().any(|child| !child.has_ended()) {
            let is_late = tokio::select! {
                () = requests.next() => true,
                () = tokio::time::sleep_until(deadline), if ending == Ending::InOrder => true,
                _ = words.recv() => false,
            };
            if is_late {
                ending = Ending::Otherwise;
                for child in &mut children {
                    child.kill();
                }
            }
        }
        Ok(ending)
    }

    fn command(&self, config: &Path) -> String {
        format!(
            "{} chat serve --config {}",
            quoted(&self.executable),
            quoted(config)
        )
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
