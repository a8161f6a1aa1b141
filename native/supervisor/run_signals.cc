// What a signal does to a held thread, and how planned signals are placed on a call.
#include <sched.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "fault.h"
#include "proc.h"
#include "run.h"
#include "seccomp_table.h"

namespace ipclab {
namespace {

// The kernel's frame of a handler (arch/x86/include/asm/sigframe.h): ucontext from where rt_sigreturn's stack pointer
// shows, in it the interrupted stack pointer; below the red zone (128), with the registers of the FPU (512 at least).
constexpr long kInterruptedInFrame = 160;
constexpr unsigned long long kSmallestFrameBytes = 1024;

bool stops_by_default(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

void tgkill(pid_t process, pid_t tid, int signal) {
  syscall(SYS_tgkill, process, tid, signal);
}

// Of the signal that a thread has stopped for: was it sent to this very thread, by tgkill(2)?
bool is_for_thread(pid_t tid) {
  siginfo_t info = {};
  return ptrace(PTRACE_GETSIGINFO, tid, nullptr, &info) == 0 && info.si_code == SI_TKILL;
}

}  // namespace

// Would a signal end the held call now? sigsuspend waits with a mask of its own.
bool Run::has_deliverable_signal(const Task &task) {
  Process &process = processes_[static_cast<size_t>(task.process)];
  if (!process.signals_due) return false;
  SignalMasks masks;
  if (!read_signal_masks(task.tid, &masks)) return true;  // dying: let it
  if (!(masks.pending_thread | masks.pending_process)) {
    if (task.number == 0 && process.threads == 1) process.signals_due = false;
    return false;
  }
  if (task.number > 0) masks.pending_process = 0;  // the main thread takes those
  if (task.hold == Hold::Call && task.call.is("sigsuspend")) {
    uint64_t mask = 0;
    if (read_value(task.tid, task.call.raw[0], &mask)) masks.blocked = mask;
  }
  if (task.hold == Hold::Call && task.call.is("sigtimedwait")) {
    uint64_t wanted = 0;
    if (read_value(task.tid, task.call.raw[0], &wanted) && ((masks.pending_thread | masks.pending_process) & wanted))
      return true;
  }
  return masks.deliverable() != 0;
}

// The same entry will come again: remember what is known of it.
void Run::suspend_call(Task &task) {
  task.suspended = true;
  task.registers_suspended = task.registers;
  task.arrived_suspended = task.arrived;
  task.waited_suspended = task.waited;
  task.object_suspended = task.object;
  task.entered_suspended = task.entered;
}

// At a seccomp stop: back onto the call's instruction, so that pending signals are delivered and it is then made
// afresh.
void Run::step_back(Task &task) {
  suspend_call(task);
  Registers registers = task.registers;
  registers.rewind(task.call.number);
  set_registers(task.tid, registers);
  go_on(task, false);
}

// A signal that another process has sent finds its target at the entry of a call. It comes into the call, which it ends
// if that would sleep; it may as well have come just before. Is there such a signal?
bool Run::may_come_before_call(const Task &task) {
  const Process &process = processes_[static_cast<size_t>(task.process)];
  if (!plan_.signal_calls || !process.signals_due || task.number > 0 || task.hold != Hold::Call || task.fault >= 0)
    return false;
  SignalMasks masks;
  if (!read_signal_masks(task.tid, &masks)) return false;
  const uint64_t due = masks.deliverable();
  return std::any_of(process.senders.begin(), process.senders.end(),
                     [&](const auto &sent) { return sent.second >= 0 && SignalMasks::in(due, sent.first); });
}

// Before a call is entered: let go what would do nothing, because under a tracer even that ends a sleep. True if the
// thread was stepped back; it will stand at the same entry again.
bool Run::absorb_ignored_signals(Task &task) {
  if (!processes_[static_cast<size_t>(task.process)].signals_due) return false;
  SignalMasks masks;
  if (!read_signal_masks(task.tid, &masks) || !masks.due_but_ignored() || masks.deliverable()) return false;
  step_back(task);
  return true;
}

void Run::send_signal(int process, int signal, int from) {
  Process &target = processes_[static_cast<size_t>(process)];
  target.signals_due = true;
  target.senders.push_back({signal, from});
  for (const auto &task : tasks_) {
    // A sleeper that is not held wakes up at once; and what is killed dies wherever it is.
    const bool wakes = task->state == State::Asleep && !task->vfork_parent;
    if (task->process == process && task->state != State::Gone && (wakes || signal == SIGKILL))
      task->state = State::Running;
  }
  tgkill(target.leader, target.leader, signal);
  settle();
}

void Run::record_signal(Task &task, int signal, const char *action) {
  if (signal == kAddonsSignal) return;
  Process &process = processes_[static_cast<size_t>(task.process)];
  const int seq = static_cast<int>(trace_.events.size());
  const auto injected = process.injected.find(signal);
  int from = Event::kFromKernel;
  // What was sent again before it was taken is one signal, the first.
  const auto is_it = [&](const auto &sent) { return sent.first == signal; };
  auto first = std::find_if(process.senders.begin(), process.senders.end(), is_it);
  if (first != process.senders.end()) {
    from = first->second;
    if (signal < SIGRTMIN) {
      process.senders.erase(std::remove_if(first, process.senders.end(), is_it), process.senders.end());
    } else {
      process.senders.erase(first);
    }
  }
  if (from == Event::kFromKernel && injected == process.injected.end() && strcmp(action, "ignored") == 0)
    return;  // SIGCHLD and the like
  Event &event = add_event(Event::Kind::Signal, task.process);
  event.signal = signal;
  event.action = action;
  event.from = from;
  if (injected == process.injected.end()) return;
  const size_t index = injected->second;
  process.injected.erase(injected);
  event.from = Event::kFromScenario;
  const Injection &planned = plan_.injections[index];
  const ProcessRecord &record = trace_.processes[static_cast<size_t>(task.process)];
  if (planned.process != record.name) {  // one of the others that it is for: they are where they are
    event.placement = Placement::Entry;
    event.at_call = record.calls + 1;
    return;
  }
  event.placement = planned.placement;
  event.at_call = planned.call;
  trace_.injections[index] = {"landed", seq};
}

// A stop that says that a handler returns (C), begins or ends (JavaScript: the students' addon says so by prctl(2)). Of
// an executable's word nothing is believed.
bool Run::ends_or_begins_handler(Task &task, const Registers &registers) {
  std::vector<Handler> &handlers = task.handlers;
  if (registers.call() == SYS_rt_sigreturn) {
    // The kernel's frame lies where the stack pointer shows, and says what was interrupted.
    unsigned long long interrupted = 0;
    read_value(task.tid, static_cast<long>(registers.raw.rsp) + kInterruptedInFrame, &interrupted);
    const auto is_it = [&](const Handler &each) { return !each.script && each.interrupted == interrupted; };
    const auto found = std::find_if(handlers.rbegin(), handlers.rend(), is_it);
    if (found != handlers.rend()) {
      handlers.erase(found.base() - 1, handlers.end());
    } else if (!handlers.empty() && !handlers.back().script) {
      handlers.pop_back();
    }
    return true;
  }
  if (registers.call() != SYS_prctl || registers.arg(0) != kHandlerOption) return false;
  const Process &process = processes_[static_cast<size_t>(task.process)];
  if (!plan_.processes[static_cast<size_t>(process.role_start)].typescript) return true;
  if (registers.arg(1) > 0 && registers.arg(1) <= SIGRTMAX) {
    handlers.push_back({static_cast<int>(registers.arg(1)), true, 0});
  } else {
    while (!handlers.empty() && !handlers.back().script) handlers.pop_back();
    if (!handlers.empty()) handlers.pop_back();
  }
  return true;
}

// At the entry of a call. A handler may be left by siglongjmp(3), of which nobody tells us.
void Run::forget_left_handlers(Task &task, const Registers &registers) {
  while (!task.handlers.empty() && has_left(task, registers)) task.handlers.pop_back();
}

// Has the innermost handler been left? In doubt, yes: then something is missed, and nobody is accused wrongly.
bool Run::has_left(const Task &task, const Registers &registers) const {
  const Handler &handler = task.handlers.back();
  if (handler.script) return false;
  if (registers.raw.rsp + kSmallestFrameBytes > handler.interrupted) return true;
  // siglongjmp gives back the mask that was before; a handler whose signal is not blocked has ended.
  if (SignalMasks::in(processes_[static_cast<size_t>(task.process)].open_handlers, handler.signal))
    return registers.call() == SYS_rt_sigprocmask && registers.arg(0) == SIG_SETMASK && registers.arg(1) != 0;
  return !SignalMasks::in(read_blocked_signals(task.tid), handler.signal);
}

void Run::on_signal_stop(Task &task, int signal) {
  if (task.state != State::Running) {  // it slept in a call that we do not hold: it moves when it is chosen
    task.state = State::Held;
    task.hold = Hold::Signal;
    task.stop_signal = signal;
    return;
  }
  deliver(task, signal);
}

void Run::deliver(Task &task, int signal) {
  if (signal == 0) return go_on(task, false);
  Process &process = processes_[static_cast<size_t>(task.process)];
  process.signals_due = true;  // there may be more
  SignalMasks masks;
  read_signal_masks(task.tid, &masks);
  const int restarting = task.restarting;
  if (masks.is_ignored(signal)) {
    record_signal(task, signal, signal == SIGCONT ? "continued" : "ignored");
    return go_on(task, false);  // the call, if there was one, is made afresh
  }
  if (task.number > 0 && task.number < process.threads && process.signals_due) {
    // A signal for the process, taken by another thread only because the main one is stopped by us.
    Task *main = main_task(task.process);
    SignalMasks of_main;
    if (main && read_signal_masks(main->tid, &of_main) && !SignalMasks::in(of_main.blocked, signal) &&
        !is_for_thread(task.tid) && main->state == State::Held) {
      tgkill(process.leader, main->tid, signal);
      return go_on(task, false);
    }
  }
  if (SignalMasks::in(masks.caught, signal)) {
    record_signal(task, signal, "handler");
    task.restarting = 0;
    const bool again = restarting == kRestartNoIntr ||
                       (restarting == kRestartSys && SignalMasks::in(process.restarting_handlers, signal));
    if (restarting && !again) {
      task.suspended = false;
      complete_call(task, -EINTR, false);
    }
    Registers interrupted{};
    if (get_registers(task.tid, &interrupted)) task.handlers.push_back({signal, false, interrupted.raw.rsp});
    return go_on(task, false, signal);
  }
  task.restarting = 0;
  record_signal(task, signal, stops_by_default(signal) ? "stopped" : "killed");
  go_on(task, false, signal);
}

// A planned signal comes to a thread that is held; and to all the others that it is for, where they are.
void Run::land(size_t index, Task &task) {
  const Injection &injection = plan_.injections[index];
  Process &process = processes_[static_cast<size_t>(task.process)];
  trace_.injections[index].status = "landed";
  process.injected[injection.signal] = index;
  process.signals_due = true;
  if (injection.signal == SIGSTOP) process.stopped_as_planned = true;
  tgkill(process.leader, task.tid, injection.signal);
  if (injection.group || !injection.also.empty()) late_groups_.push_back({index, task.process});
}

// Planned signals for the call at whose entry the thread has just arrived. True if the thread has been sent on.
bool Run::inject_at_arrival(Task &task) {
  const bool main = task.number == 0;
  const ProcessRecord &record = trace_.processes[static_cast<size_t>(task.process)];
  for (size_t i = 0; i < plan_.injections.size(); i++) {
    const Injection &injection = plan_.injections[i];
    if (injection.process != record.name || injection.call != record.calls + 1) continue;
    if (trace_.injections[i].status != "not-reached" || is_told_already(injection)) continue;
    if (!main) {
      // The call of a helper thread: its process takes the signal in the main thread, once that is at rest.
      if (injection.placement == Placement::After) {
        task.after = static_cast<int>(i);
      } else if (injection.placement == Placement::Blocked && !task.waited) {
        trace_.injections[i].status = "not-blocked";
      } else {
        late_injections_.push_back(i);
      }
      continue;
    }
    switch (injection.placement) {
      case Placement::Before:
        land(i, task);
        step_back(task);
        return true;
      case Placement::Entry:
        land(i, task);
        break;
      case Placement::Blocked:
        if (task.call.row->call_class != CallClass::Schedule || !task.waited || has_deliverable_signal(task)) {
          trace_.injections[i].status = "not-blocked";
          break;
        }
        enter_kernel_to_sleep(task);
        land(i, task);
        return true;
      case Placement::After:
        task.after = static_cast<int>(i);
        break;
    }
  }
  return false;
}

// A role that has not begun is not in the terminal yet; a forked child is, from its birth.
bool Run::has_started(int process) const {
  if (trace_.processes[static_cast<size_t>(process)].parent >= 0) return true;
  for (const auto &task : tasks_) {
    if (task->process == process && task->number == 0) return task->state != State::Held || task->hold != Hold::Start;
  }
  return false;
}

// Signals for the main threads of processes whose helper threads have come to the planned call; and for all others that
// a planned signal is for.
void Run::inject_late() {
  for (const auto &[index, first] : late_groups_) {
    const Injection &injection = plan_.injections[index];
    const auto is_for = [&](size_t process) {
      const std::string &name = trace_.processes[process].name;
      return injection.group || std::find(injection.also.begin(), injection.also.end(), name) != injection.also.end();
    };
    for (size_t i = 0; i < processes_.size(); i++) {
      if (static_cast<int>(i) == first || !processes_[i].alive || !has_started(static_cast<int>(i))) continue;
      if (!is_for(i)) continue;
      processes_[i].injected[injection.signal] = index;
      send_signal(static_cast<int>(i), injection.signal, Event::kFromScenario);
    }
  }
  late_groups_.clear();
  for (size_t index : late_injections_) {
    const Injection &injection = plan_.injections[index];
    trace_.injections[index].status = "process-gone";
    for (size_t i = 0; i < processes_.size(); i++) {
      Process &process = processes_[i];
      if (!process.alive || trace_.processes[i].name != injection.process) continue;
      trace_.injections[index].status = "landed";
      process.injected[injection.signal] = index;
      process.signals_due = true;
      for (const auto &task : tasks_) {
        if (task->process == static_cast<int>(i) && task->number == 0 && task->state == State::Asleep)
          task->state = State::Running;
      }
      tgkill(process.leader, process.leader, injection.signal);
    }
  }
  late_injections_.clear();
  settle();
}

// Lets a call that would block really go to sleep in the kernel, where a signal is to wake it. Nobody else moves
// meanwhile: a message handed over would beat the signal.
void Run::enter_kernel_to_sleep(Task &task) {
  task.in_call = true;
  go_on(task, true);
  while (elapsed_ms() < plan_.limits.wall_ms) {
    if (task.files.is_gone() || (task.files.is_sleeping() && task.files.read_current_call() == task.call.number)) break;
    sched_yield();
  }
}

// A planned fault for the call at whose entry the thread has just arrived.
void Run::fault_at_arrival(Task &task) {
  const ProcessRecord &record = trace_.processes[static_cast<size_t>(task.process)];
  for (size_t i = 0; i < plan_.faults.size(); i++) {
    const CallFault &fault = plan_.faults[i];
    if (fault.process != record.name || fault.call != record.calls + 1) continue;
    if (fault.error != 0) {
      task.fault = static_cast<int>(i);
      continue;
    }
    const int queue = shadow_->find_queue(static_cast<int>(task.call.args.id.value_or(-1)));
    if (queue < 0 || !(task.call.is("msgsnd") || task.call.is("msgrcv") || task.call.is("msgctl"))) continue;
    note_sleepers(queue, true);
    if (msgctl(shadow_->queues()[static_cast<size_t>(queue)].id, IPC_RMID, nullptr) != 0)
      throw Fault("Removing a queue as planned", errno);
    const int seq = static_cast<int>(trace_.events.size());
    shadow_->remove_queue(queue, seq);
    add_event(Event::Kind::Removal, task.process).queue = queue;
    trace_.faults[i] = {"landed", seq};
  }
}

}  // namespace ipclab
