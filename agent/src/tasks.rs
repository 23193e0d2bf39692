//! What the person works on: their own open tasks, and the one that sessions are recorded for until another is chosen.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tracker_wire::{AgentTask, AgentTasks, AgentTimer, AgentTimerTask, AgentTimerWord};
use uuid::Uuid;

use crate::home::Home;
use crate::notice::{say, warn};
use crate::queue::{Queue, note};
use crate::sync::Engine;

/// The task that is worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub id: Uuid,
    pub title: String,
}

pub fn chosen(queue: &Queue) -> Result<Option<Chosen>> {
    queue.read(note::TASK)
}

/// What the person said here, for the server to hear. The later word stands, wherever it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    task_id: Option<Uuid>,
    at: DateTime<Utc>,
}

/// From now on, here and in the portal.
fn choose(queue: &Queue, task: Option<Chosen>) -> Result<()> {
    let said = Said {
        task_id: task.as_ref().map(|task| task.id),
        at: Utc::now(),
    };
    keep(queue, task)?;
    queue.write(note::TASK_WORD, &said)
}

fn keep(queue: &Queue, task: Option<Chosen>) -> Result<()> {
    match task {
        Some(task) => queue.write(note::TASK, &task),
        None => queue.clear_note(note::TASK),
    }
}

/// What the server has not heard yet.
pub(crate) fn word(queue: &Queue) -> Result<Option<AgentTimerWord>> {
    let said: Option<Said> = queue.read(note::TASK_WORD)?;
    Ok(said.map(|Said { task_id, at }| AgentTimerWord {
        task_id,
        seconds_ago: u32::try_from((Utc::now() - at).num_seconds()).unwrap_or_default(),
    }))
}

/// The server has heard it, or never will.
pub(crate) fn was_heard(queue: &Queue, word: &AgentTimerWord) -> Result<()> {
    let said: Option<Said> = queue.read(note::TASK_WORD)?;
    // Somebody may have said another one meanwhile.
    if said.is_some_and(|said| said.task_id == word.task_id) {
        queue.clear_note(note::TASK_WORD)?;
    }
    Ok(())
}

/// What was said last, here or in the portal, as far as nothing newer was said here.
pub(crate) fn follow(queue: &Queue, timer: AgentTimer) -> Result<()> {
    if queue.note(note::TASK_WORD)?.is_some() {
        return Ok(());
    }
    let task = timer
        .task
        .map(|AgentTimerTask { id, title }| Chosen { id, title });
    if task != chosen(queue)? {
        keep(queue, task)?;
    }
    Ok(())
}

/// No longer works on this task; on another one the person may go on.
pub fn forget(queue: &Queue, task: Uuid) -> Result<()> {
    if chosen(queue)?.is_some_and(|chosen| chosen.id == task) {
        queue.clear_note(note::TASK)?;
    }
    Ok(())
}

/// The same inside a transaction of the queue's.
pub(crate) fn forget_in(db: &Connection, task: Uuid) -> Result<()> {
    db.execute(
        "DELETE FROM notes WHERE key = ?1 AND instr(value, ?2) > 0",
        [note::TASK, &task.to_string()],
    )?;
    Ok(())
}

/// `tasks`: lists them with the numbers that `task start` takes. Without the server it is the list of the last time.
pub fn list(home: &Home, json: bool) -> Result<bool> {
    let mut engine = Engine::new(home)?;
    let asked = engine.tasks();
    let queue = engine.queue();
    let tasks = match &asked {
        Ok(tasks) => {
            queue.write(note::TASKS, tasks)?;
            tasks.clone()
        }
        Err(trouble) => {
            let Some(known) = queue.read(note::TASKS)? else {
                bail!("{trouble}");
            };
            warn(format!("{trouble}; these are the tasks of the last time"));
            known
        }
    };
    if json {
        say(serde_json::to_string_pretty(&tasks)?);
        return Ok(true);
    }
    let chosen = chosen(queue)?;
    in_words(&tasks, chosen.as_ref()).iter().for_each(say);
    Ok(true)
}

/// `task start`: takes a number of the last list.
pub fn start(home: &Home, number: usize) -> Result<bool> {
    let queue = Queue::open(home)?;
    let tasks: AgentTasks = queue
        .read(note::TASKS)?
        .context("no tasks are known yet: use `tracker-agent tasks`")?;
    let task = number
        .checked_sub(1)
        .and_then(|place| tasks.items.get(place));
    let Some(AgentTask { id, title, .. }) = task else {
        bail!("there is no task {number} in the list: see `tracker-agent tasks`");
    };
    let (id, title) = (*id, title.clone());
    say(format!("Recorded for: {title}"));
    choose(&queue, Some(Chosen { id, title }))?;
    Ok(true)
}

/// `task stop`: recording goes on, for nothing in particular.
pub fn stop(home: &Home) -> Result<bool> {
    let queue = Queue::open(home)?;
    match chosen(&queue)? {
        Some(Chosen { title, .. }) => {
            choose(&queue, None)?;
            say(format!("No longer recorded for: {title}"));
        }
        None => say("No task was started."),
    }
    Ok(true)
}

fn in_words(tasks: &AgentTasks, chosen: Option<&Chosen>) -> Vec<String> {
    if tasks.items.is_empty() {
        return vec!["No open task is assigned to you.".to_owned()];
    }
    (1..)
        .zip(&tasks.items)
        .map(|(number, task)| {
            let is_chosen = chosen.is_some_and(|chosen| chosen.id == task.id);
            let mark = if is_chosen { "*" } else { " " };
            let due = match (task.due_on, task.overdue) {
                (Some(day), true) => format!("due {day}, overdue"),
                (Some(day), false) => format!("due {day}"),
                (None, _) => String::new(),
            };
            // Titles come from a server: what a terminal would obey is left out.
            let title: String = task.title.chars().filter(|c| !c.is_control()).collect();
            format!("{mark}{number:>3}  {:<7} {due:<23} {title}", task.priority)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_numbered_and_say_when_they_are_due() {
        let task = |title: &str, due: Option<&str>, overdue| AgentTask {
            id: Uuid::now_v7(),
            title: title.into(),
            status: "open".into(),
            priority: "high".into(),
            due_on: due.map(|day| day.parse().unwrap()),
            overdue,
        };
        let items = vec![
            task("Answer \u{1b}[31mthe mail", None, false),
            task("Write it down", Some("2026-11-20"), true),
        ];
        let chosen = Chosen {
            id: items[1].id,
            title: items[1].title.clone(),
        };
        let lines = in_words(&AgentTasks { items }, Some(&chosen));
        assert_eq!(
            lines,
            [
                "   1  high                            Answer [31mthe mail",
                "*  2  high    due 2026-11-20, overdue Write it down",
            ]
        );
        assert_eq!(
            in_words(&AgentTasks::default(), None),
            ["No open task is assigned to you."]
        );
    }
}
