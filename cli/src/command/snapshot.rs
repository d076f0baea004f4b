//! `permdrift snapshot`: what an audit reads of an account, in a file.

use std::io::{self, Write};
use std::sync::Arc;

use audit::ports::Environment as _;
use audit::{Asked, Saved};
use aws::{ReadSide, Snapshot};
use iam::Inventory;
use iam::simulator::ServiceControl;
use jiff::Timestamp;

use crate::arguments::SnapshotArguments;
use crate::exit::Exit;
use crate::live::Live;
use crate::progress::Progress;
use crate::{account, output, source, whole_file};

/// Saves it, whole or not at all.
///
/// # Errors
/// Where it cannot be had or written.
pub(crate) fn run(asked: &SnapshotArguments) -> anyhow::Result<Exit> {
    let live = Live::connect(&asked.aws)?;
    if asked.organization {
        return organization(asked, &live);
    }
    let mut snapshot = Snapshot::default();
    let progress = Progress::start();
    let inventory = live.discover(&progress, &mut |page| snapshot.add(page))?;
    let count = inventory.principals.len();
    let besides = match asked.listing_only {
        true => None,
        false => Some(besides(asked, &live, inventory, &progress)?),
    };
    drop(progress);
    save(asked, |out: &mut dyn Write| match &besides {
        None => snapshot.write(out),
        Some(besides) => besides.write(&snapshot, out),
    })?;
    output::note(&format!("{count} users and roles saved"));
    Ok(Exit::Fine)
}

fn save(
    asked: &SnapshotArguments,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    if asked.out.as_os_str() == "-" {
        output::bytes(write)?;
    } else {
        whole_file::write(&asked.out, write)?;
    }
    Ok(())
}

/// Saves what stands above each account of the organisation.
fn organization(asked: &SnapshotArguments, live: &Live) -> anyhow::Result<Exit> {
    let progress = Progress::start();
    progress.now("reading the organisation");
    let mut whole = live.organization()?;
    drop(progress);
    let accounts = whole.get("accounts").and_then(serde_json::Value::as_object);
    let count = accounts.map_or(0, serde_json::Map::len);
    let taken = Timestamp::from_second(Timestamp::now().as_second())?;
    if let Some(whole) = whole.as_object_mut() {
        whole.insert("takenAt".to_owned(), taken.to_string().into());
    }
    save(asked, |out: &mut dyn Write| writeln!(out, "{whole:#}"))?;
    output::note(&format!("{count} accounts saved"));
    Ok(Exit::Fine)
}

/// What is saved besides the listing.
struct Besides {
    taken: Timestamp,
    inventory: Arc<Inventory>,
    side: ReadSide,
}

impl Besides {
    fn write(&self, snapshot: &Snapshot, out: &mut dyn Write) -> io::Result<()> {
        snapshot.write_whole(self.taken, &self.inventory, &self.side, out)
    }
}

/// Reads what an audit would read besides the listing.
fn besides(
    asked: &SnapshotArguments,
    live: &Live,
    inventory: Inventory,
    progress: &Progress,
) -> anyhow::Result<Besides> {
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let (settings, catalog) = account::settings(asked.settings.as_deref(), &asked.action_sets)?;
    let audit = Asked {
        account: Some(live.account()),
        ..Asked::new(&catalog, &settings, now)
    };
    let environment = live.environment(now, settings.simulation_ceiling, progress);
    let listed = Saved {
        inventory: Arc::new(inventory),
        service_control: ServiceControl::default(),
        resources: Arc::default(),
    };
    let mut listed = live
        .wait(audit::look::list(&audit, &listed))
        .map_err(source::not_looked)?;
    let users = listed.bound.users_with_keys(&listed.inventory);
    let wanted = listed.wanted(&settings);
    let side = live.wait(async {
        environment
            .add_access_keys(&mut listed.inventory, &users)
            .await;
        environment.resource_side(&wanted).await
    });
    Ok(Besides {
        taken: now,
        inventory: listed.inventory,
        side,
    })
}
