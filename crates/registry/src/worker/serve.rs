//! The child's side: loads the pack as the service itself would, gives up all it can, and answers until the host is gone.

use std::path::Path;

use arrayvec::ArrayVec;
use manifest::check::MAX_INPUTS;

use super::pipe::Pipes;
use super::signal::{self, Patience};
use super::wire::{Request, put_reply};
use crate::child::Streams;
use crate::column::Input;
use crate::inspect::{kept, most_inputs};
use crate::memory::Memory;
use crate::message::Message;
use crate::native::{self, Chunk, Native};
use crate::outcome::Failed;
use crate::sandbox::{self, Missing, Threads};

/// An error means that the host is gone.
pub(crate) fn run(library: &Path, streams: Streams) -> std::io::Result<()> {
    Streams::mute()?;
    let Streams { channel, files, leaky } = streams;
    let pipes = Pipes::take(&channel)?;
    let send = |message: Message| message.send(&channel);
    match load(library, leaky, &send)? {
        Err(failed) => send(Message::Refused(failed)),
        Ok((native, inputs)) => {
            let memory = Memory::open(&files, inputs)?;
            drop(files);
            tell(sandbox::before_calling(), &send)?;
            send(Message::Ready)?;
            answer(&native, &memory, pipes)
        }
    }
}

type Send<'a> = &'a dyn Fn(Message) -> std::io::Result<()>;

fn tell(missing: Missing, send: Send<'_>) -> std::io::Result<()> {
    missing.into_iter().try_for_each(|what| send(Message::Missing(what)))
}

/// The pack, and how many inputs its metrics have at most.
fn load(path: &Path, leaky: Option<std::io::Error>, send: Send<'_>) -> std::io::Result<Result<(Native, usize), Failed>> {
    let mut missing: Missing = leaky.iter().map(|error| format!("the closing of inherited descriptors ({error})")).collect();
    missing.extend(sandbox::before_loading(path, Threads::None));
    tell(missing, send)?;
    send(Message::Stage("loading".into()))?;
    let loaded = kept(path).and_then(|(library, pack)| Ok((native::load(path, &library, pack.metrics.len())?, most_inputs(&pack))));
    match loaded {
        Err(failed) => Ok(Err(failed)),
        Ok(((native, warnings), inputs)) => {
            warnings.into_iter().try_for_each(|warning| send(Message::Warning(warning)))?;
            Ok(Ok((native, inputs)))
        }
    }
}

fn answer(native: &Native, memory: &Memory, mut pipes: Pipes) -> std::io::Result<()> {
    let (host, here) = (memory.asking(), memory.answering());
    let mut patience = Patience::default();
    for number in 1.. {
        signal::wait(number, (here, host), &mut patience, || pipes.sleep())?;
        let Some(request) = Request::get(host.words) else { return Err(std::io::ErrorKind::InvalidData.into()) };
        let mut inputs = ArrayVec::<Input<'_>, MAX_INPUTS>::new();
        inputs.extend(memory.inputs(&request.inputs));
        let Request { metric, row_base, ref parameters, rows, output, .. } = request;
        let (output, cancel) = (memory.output(rows, output), memory.cancel());
        let reply = native.call(Chunk { metric, row_base, inputs: &inputs, parameters, output, cancel });
        put_reply(&reply, here.words);
        signal::tell(number, here, host, || pipes.wake())?;
    }
    Ok(())
}
