// What a call means for the run: whether it would block, and what its return changes.
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "fault.h"
#include "proc.h"
#include "run.h"

namespace ipclab {
namespace {

constexpr int kSkippedSleeps =
    200;  // after so many in a row, a program is believed to watch the clock, and sleeps for real

std::vector<SemOp> shadow_operations(const CallArgs &args) {
  std::vector<SemOp> operations;
  for (const SemOperation &op : args.operations) operations.push_back({op.num, op.op, op.flags});
  return operations;
}

int as_int(const std::optional<long> &value) {
  return static_cast<int>(value.value_or(0));
}

}  // namespace

int Run::find_process(pid_t pid_in_run) const {
  for (size_t i = 0; i < trace_.processes.size(); i++) {
    if (trace_.processes[i].pid == pid_in_run) return static_cast<int>(i);
  }
  return -1;
}

// A child that wait would find now, or nothing to wait for at all (ECHILD comes at once).
bool Run::child_is_waitable(const Task &task) const {
  const long wanted = task.call.args.pid.value_or(-1);
  bool any_left = false;
  for (size_t i = 0; i < processes_.size(); i++) {
    const ProcessRecord &record = trace_.processes[i];
    if (record.parent != task.process || processes_[i].reaped) continue;
    if (wanted > 0 && record.pid != wanted) continue;
    if (!processes_[i].alive) return true;
    any_left = true;
  }
  return !any_left;
}

bool Run::would_block(const Task &task) const {
  const PendingCall &call = task.call;
  const CallArgs &args = call.args;
  if (call.is("msgsnd"))
    return shadow_
        ->predict_msgsnd(as_int(args.id), args.mtype.value_or(1), static_cast<size_t>(args.size_bytes.value_or(0)),
                         static_cast<int>(call.raw[3]), student_)
        .blocks;
  if (call.is("msgrcv"))
    return shadow_
        ->predict_msgrcv(as_int(args.id), static_cast<size_t>(args.size_bytes.value_or(0)), args.msgtyp.value_or(0),
                         static_cast<int>(call.raw[4]), student_)
        .blocks;
  if (call.is("semop"))
    return shadow_->predict_semop(as_int(args.id), shadow_operations(args), task.process, student_).blocks;
  if (call.is("wait")) return !call.nowait() && !child_is_waitable(task);
  return call.is("pause") || call.is("sigsuspend") || call.is("sigtimedwait") || call.is("sleep");
}

bool Run::is_enabled(Task &task) {
  const Process &process = processes_[static_cast<size_t>(task.process)];
  switch (task.hold) {
    case Hold::Start: {
      if (task.number > 0 || trace_.processes[static_cast<size_t>(task.process)].parent >= 0) return true;
      const ProcessPlan &role = plan_.processes[static_cast<size_t>(process.role_start)];
      return std::all_of(role.after.begin(), role.after.end(), [&](const Gate &gate) { return is_gate_open(gate); });
    }
    case Hold::Signal:
    case Hold::VforkReturn:
      return true;
    case Hold::EventLoop:
      return is_event_ready(task) || has_deliverable_signal(task);
    case Hold::Call:
      return task.fault >= 0 || !would_block(task) || has_deliverable_signal(task);
  }
  return false;
}

bool Run::is_gate_open(const Gate &gate) const {
  for (size_t i = 0; i < processes_.size(); i++) {
    if (trace_.processes[i].name != gate.process) continue;
    const auto completed = processes_[i].completed.find(gate.call);
    return !processes_[i].alive || (completed != processes_[i].completed.end() && completed->second >= gate.times);
  }
  return true;
}

// The object that a held call is about, by its place in the shadow; -1 if there is none.
int Run::object_of(const PendingCall &call) const {
  const int id = as_int(call.args.id);
  if (call.is("msgsnd") || call.is("msgrcv")) return shadow_->find_queue(id);
  return call.is("semop") ? shadow_->find_semaphores(id) : -1;
}

// It slept in the kernel, for all it knows, when the object was removed: EIDRM, where a call made only now gets EINVAL.
bool Run::sleeps_on_removed(const Task &task) const {
  return task.slept && task.object >= 0 && object_of(task.call) != task.object;
}

// An object is about to go: who sleeps for it? Not who came to wait, but could go on by now; it would not be asleep.
void Run::note_sleepers(int object, bool queue) {
  for (const auto &task : tasks_) {
    const bool about_it = task->object == object && queue != task->call.is("semop");
    if (task->state == State::Held && task->hold == Hold::Call && task->waited && about_it)
      task->slept = would_block(*task);
  }
}

// With which error a queue of the scenario's refuses the call, 0 if it does not. It is a stranger's; but without root
// the kernel takes us, who made it, and the student for one and the same user, and would let them.
int Run::refusal_of_stranger(const PendingCall &call) const {
  const int id = as_int(call.args.id), command = static_cast<int>(call.raw[1]);
  const auto is_strangers = [&](const ShadowQueue &queue) {
    return queue.alive && queue.creator < 0 &&
           (call.is("msgget") ? queue.key != 0 && queue.key == as_int(call.args.key) : queue.id == id);
  };
  const auto &queues = shadow_->queues();
  if (std::none_of(queues.begin(), queues.end(), is_strangers)) return 0;
  Prediction answer;
  if (call.is("msgget")) {
    answer = shadow_->predict_msgget(as_int(call.args.key), command, student_);
  } else if (call.is("msgsnd")) {
    answer = shadow_->predict_msgsnd(id, call.args.mtype.value_or(1), static_cast<size_t>(*call.args.size_bytes),
                                     static_cast<int>(call.raw[3]), student_);
  } else if (call.is("msgrcv")) {
    answer = shadow_->predict_msgrcv(id, static_cast<size_t>(*call.args.size_bytes), *call.args.msgtyp,
                                     static_cast<int>(call.raw[4]), student_);
  } else if (call.is("msgctl")) {
    answer = shadow_->predict_msgctl(id, command, nullptr, student_);
  }
  return answer.error == EACCES || answer.error == EPERM ? answer.error : 0;
}

// A send that cannot fail: its message has been read, there is room, nothing is about to interrupt it. Its return need
// not be seen, which saves a third of what a call costs. Should the kernel have thought otherwise, the shadow would no
// longer agree with it at the next receive, or at the end.
bool Run::is_sure_to_send(const Task &task) const {
  const PendingCall &call = task.call;
  if (!call.is("msgsnd") || task.after >= 0 || processes_[static_cast<size_t>(task.process)].signals_due) return false;
  const size_t size = static_cast<size_t>(call.args.size_bytes.value_or(0));
  const int queue = shadow_->find_queue(as_int(call.args.id));
  if (queue < 0 || !call.args.mtype || call.bytes.size() != size) return false;
  if (!shadow_->queues()[static_cast<size_t>(queue)].permissions_known) return false;
  const Prediction answer =
      shadow_->predict_msgsnd(as_int(call.args.id), *call.args.mtype, size, static_cast<int>(call.raw[3]), student_);
  return !answer.blocks && answer.error == 0;
}

// The chosen thread's call, from its entry. What is due in virtual time is answered here; all else is the kernel's.
void Run::enter_call(Task &task) {
  Process &process = processes_[static_cast<size_t>(task.process)];
  if (absorb_ignored_signals(task)) return;
  const auto answer = [&](long result, bool forced) {
    Registers registers = task.registers;
    registers.force_result(result);
    set_registers(task.tid, registers);
    complete_call(task, result, forced);
    go_on(task, false);
  };
  const PendingCall &call = task.call;
  if (task.fault >= 0) {
    const size_t fault = static_cast<size_t>(task.fault);
    task.fault = -1;
    trace_.faults[fault] = {"landed", static_cast<int>(trace_.events.size())};
    return answer(-plan_.faults[fault].error, true);
  }
  if (sleeps_on_removed(task)) return answer(-EIDRM, false);
  if (const int refusal = refusal_of_stranger(call)) return answer(-refusal, false);
  if (call.args.cmd == "IPC_RMID" && call.is("msgctl")) note_sleepers(shadow_->find_queue(as_int(call.args.id)), true);
  if (call.args.cmd == "IPC_RMID" && call.is("semctl"))
    note_sleepers(shadow_->find_semaphores(as_int(call.args.id)), false);
  if (call.is("alarm")) {
    const double left = process.alarm_ms < 0 ? 0 : std::max(0.0, process.alarm_ms - now_ms_);
    const long seconds = call.args.seconds.value_or(0);
    process.alarm_ms = seconds > 0 ? now_ms_ + static_cast<double>(seconds) * 1000 : -1;
    return answer(static_cast<long>((left + 999) / 1000), false);
  }
  if (call.is("sleep") && !has_deliverable_signal(task) && ++process.sleeps <= kSkippedSleeps) {
    now_ms_ = std::max(now_ms_, task.due_ms);
    return answer(0, false);
  }
  const bool timed = task.due_ms >= 0 && task.due_ms <= now_ms_ && !call.is("sleep");
  if (timed && would_block(task) && !has_deliverable_signal(task)) return answer(-EAGAIN, false);
  if (call.is("fork")) {
    const long alive =
        std::count_if(processes_.begin(), processes_.end(), [](const Process &each) { return each.alive; });
    if (alive >= plan_.limits.processes) return answer(-EAGAIN, true);
  }
  if (!call.is("sleep")) process.sleeps = 0;
  if (is_sure_to_send(task)) {
    complete_call(task, 0, false);
    return go_on(task, false);
  }
  task.in_call = true;
  go_on(task, true);
  task.watches_clock = call.is("sleep");
}

// It asked for something that is not there yet, and will ask again if it waits in a loop.
bool Run::polled_in_vain(const Task &task, long result) const {
  const PendingCall &call = task.call;
  if (call.is("sleep") || call.is("sigpending") || call.args.cmd == "IPC_STAT" || call.args.cmd == "GETVAL")
    return true;
  if (call.is("wait")) return call.nowait() && result == 0;
  if (call.is("kill")) return result == 0 && call.args.signal.value_or(0) == 0;
  if (call.is("msgget") || call.is("semget") || call.is("shmget")) return result == -ENOENT;
  if (call.row->is_about_files()) return result == -EEXIST;  // a lock that another one holds
  return call.nowait() && (result == -EAGAIN || result == -ENOMSG);
}

// It leaves the files, and all that others see, as they are: neither progress nor a poll, for a program that looks at
// them does not wait by that.
bool Run::only_looks(const PendingCall &call) const {
  if (call.row->is_about_mask()) return true;
  if (!call.row->is_about_files()) return false;
  if (call.is("open")) return call.args.flags.size() == 1 && std::string_view(call.args.flags[0]) == "O_RDONLY";
  return call.is("read") || call.is("getdents") || call.is("close");
}

void Run::complete_call(Task &task, long result, bool forced) {
  const bool failed = result < 0 && result >= -4095;
  ProcessRecord &record = trace_.processes[static_cast<size_t>(task.process)];
  Process &process = processes_[static_cast<size_t>(task.process)];
  Event event;
  event.kind = Event::Kind::Call;
  event.process = task.process;
  event.call = ++record.calls;
  event.name = task.call.row->name;
  event.args = task.call.args;
  event.result = failed ? -1 : result;
  event.error = failed ? static_cast<int>(-result) : 0;
  event.arrived = task.arrived;
  event.waited = task.waited;
  event.forced = forced;
  event.thread = task.number;
  event.place = task.call.place;
  event.in_handler = task.in_handler;
  if (plan_.signal_calls) event.blocked = read_blocked_signals(task.tid);

  if (free_) {
    read_answer(task, &event);
  } else if (sleeps_on_removed(task)) {
    (task.call.is("semop") ? event.semaphores : event.queue) = task.object;
  } else if (!forced) {
    commit_to_shadow(task, &event);
  }
  if (task.call.is("fork") && !failed && task.child >= 0) {
    event.target = task.child;
    trace_.processes[static_cast<size_t>(task.child)].pid = static_cast<int>(result);
    task.child = -1;
  } else if (task.call.is("wait") && !failed) {
    note_wait(task, result, &event);
  } else if (task.call.is("kill")) {
    event.target = find_process(as_int(event.args.pid));
  } else if (task.call.is("shmat") && !failed) {
    event.result = 0;  // an address, which is nobody's business and different each time
  }
  if (task.call.row->is_about_files() && !failed)
    files_->commit(task.tid, task.call, task.process, static_cast<int>(trace_.events.size()), &event);
  if (task.call.is("sigaction") && !failed) note_action(event.args, &process);
  if (!failed) process.completed[event.name]++;
  const bool in_vain = polled_in_vain(task, result);
  if (current_ >= 0 && tasks_[static_cast<size_t>(current_)].get() == &task) yielded_ = in_vain;
  if (!in_vain && task.call.row->call_class == CallClass::Schedule && !only_looks(task.call)) progressed_ = true;
  trace_.events.push_back(std::move(event));
  if (files_ && files_->is_full()) throw Aborted{"file-limit", task.process, kMostContentText};
  if (task.call.is("kill") && !failed && !free_) note_kill(task.process);

  if (task.after < 0) return;
  const size_t index = static_cast<size_t>(task.after);
  task.after = -1;
  if (is_told_already(plan_.injections[index])) return;
  if (task.number > 0) {
    late_injections_.push_back(index);
  } else {
    land(index, task);
  }
}

void Run::note_action(const CallArgs &args, Process *process) {
  const uint64_t bit = 1ull << (args.signal.value_or(1) - 1);
  process->restarting_handlers &= ~bit;
  process->open_handlers &= ~bit;
  for (const std::string_view flag : args.flags) {
    if (flag == "SA_RESTART") process->restarting_handlers |= bit;
    if (flag == "SA_NODEFER") process->open_handlers |= bit;
  }
}

void Run::note_wait(const Task &task, long result, Event *event) {
  int pid = static_cast<int>(result);
  ProcessExit exit;
  if (task.call.number == SYS_waitid) {
    siginfo_t info{};
    if (task.call.raw[2] == 0 || !read_value(task.tid, task.call.raw[2], &info) || info.si_pid == 0) return;
    pid = info.si_pid;
    (info.si_code == CLD_EXITED ? exit.code : exit.signal) = info.si_status;
    event->args.status = exit;
    if (task.call.raw[3] & WNOWAIT) return;
  } else if (pid > 0) {
    int status = 0;
    if (task.call.raw[1] != 0 && read_value(task.tid, task.call.raw[1], &status)) {
      if (WIFSTOPPED(status) || WIFCONTINUED(status)) return;
      if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
      event->args.status = exit;
    }
  }
  event->target = find_process(pid);
  if (event->target >= 0) processes_[static_cast<size_t>(event->target)].reaped = true;
}

// Who has been hit: its signals must be looked at, and it moves if it slept unheld or dies of it.
void Run::note_kill(int sender) {
  const Event event = trace_.events.back();
  const int signal = as_int(event.args.signal), pid = as_int(event.args.pid);
  if (signal == 0) return;
  const int family = event.target >= 0 ? processes_[static_cast<size_t>(event.target)].role_start
                     : pid < -1        ? std::max(0, find_process(-pid))
                                       : processes_[static_cast<size_t>(event.process)].role_start;
  for (size_t i = 0; i < processes_.size(); i++) {
    Process &target = processes_[i];
    const bool hit = pid > 0     ? static_cast<int>(i) == event.target
                     : pid == -1 ? static_cast<int>(i) != sender
                                 : target.role_start == family;
    if (!hit || !target.alive) continue;
    target.signals_due = true;
    target.senders.push_back({signal, sender});
    if (static_cast<int>(i) == sender) continue;  // it is on its way, and takes it at once
    for (const auto &task : tasks_) {
      if (task->process != static_cast<int>(i) || task->state == State::Gone) continue;
      if (signal == SIGKILL || (task->state == State::Asleep && !task->vfork_parent)) task->state = State::Running;
    }
    // The killer stands at its exit stop until they are gone, so that what it does next always finds them dead.
    if (signal == SIGKILL) await_death(static_cast<int>(i));
  }
}

void Run::await_death(int process) {
  awaited_ = process;
  take_in_what_was_put_off();
  while (processes_[static_cast<size_t>(process)].alive && elapsed_ms() < plan_.limits.wall_ms) wait_for_event(kTickUs);
  awaited_ = -1;
}

// The kernel has answered: the shadow must have known it. A difference is our fault.
void Run::commit_to_shadow(Task &task, Event *event) {
  const PendingCall &call = task.call;
  const CallArgs &args = call.args;
  const int seq = static_cast<int>(trace_.events.size()), process = task.process, id = as_int(args.id),
            error = event->error;
  const long result = event->result;
  std::string difference;
  if (call.is("msgget")) {
    difference = shadow_->commit_msgget(process, seq, as_int(args.key), static_cast<int>(call.raw[1]), result, error,
                                        &event->queue);
  } else if (call.is("msgsnd")) {
    difference = shadow_->commit_msgsnd(process, seq, id, args.mtype.value_or(0),
                                        static_cast<size_t>(args.size_bytes.value_or(0)), call.bytes,
                                        static_cast<int>(call.raw[3]), result, error, &event->queue, &event->message);
  } else if (call.is("msgrcv")) {
    long mtype = 0;
    std::string bytes;
    if (!error) {
      if (!read_message(task.tid, call.raw[1], static_cast<size_t>(result), &mtype, &bytes))
        throw Fault("reading a received message from the process's memory", errno);
      event->args.mtype = mtype;
    }
    difference = shadow_->commit_msgrcv(process, seq, id, static_cast<size_t>(args.size_bytes.value_or(0)),
                                        args.msgtyp.value_or(0), static_cast<int>(call.raw[4]), result, error, mtype,
                                        bytes, &event->queue, &event->message);
  } else if (call.is("msgctl")) {
    msqid_ds buffer{};
    const int command = static_cast<int>(call.raw[1]);
    const bool has_buffer = (command == IPC_SET || command == IPC_STAT) && read_value(task.tid, call.raw[2], &buffer);
    difference =
        shadow_->commit_msgctl(process, seq, id, command, result, error, has_buffer ? &buffer : nullptr, &event->queue);
  } else if (call.is("semget")) {
    difference = shadow_->commit_semget(process, seq, as_int(args.key), as_int(args.size_bytes),
                                        static_cast<int>(call.raw[2]), result, error, &event->semaphores);
  } else if (call.is("semop")) {
    difference = shadow_->commit_semop(process, seq, id, shadow_operations(args), result, error, &event->semaphores);
  } else if (call.is("semctl")) {
    const int command = static_cast<int>(call.raw[2]);
    std::vector<unsigned short> values;
    if (command == SETALL && !error) {
      const int set = shadow_->find_semaphores(id);
      values.resize(set < 0 ? 0 : shadow_->semaphores()[static_cast<size_t>(set)].values.size());
      if (!values.empty()) read_memory(task.tid, call.raw[3], values.data(), values.size() * sizeof(unsigned short));
    }
    difference = shadow_->commit_semctl(process, seq, id, static_cast<int>(call.raw[1]), command,
                                        static_cast<int>(call.raw[3]), values, result, error, &event->semaphores);
  } else if (call.is("shmget")) {
    difference =
        shadow_->commit_shmget(process, seq, as_int(args.key), static_cast<size_t>(args.size_bytes.value_or(0)),
                               static_cast<int>(call.raw[2]), result, error, &event->segment);
  } else if (call.is("shmat")) {
    difference = shadow_->commit_shmat(process, seq, id, static_cast<int>(call.raw[2]), result, error, &event->segment);
  } else if (call.is("shmdt")) {
    difference = shadow_->commit_shmdt(process, seq, call.raw[0], result, error, &event->segment);
  } else if (call.is("shmctl")) {
    difference =
        shadow_->commit_shmctl(process, seq, id, static_cast<int>(call.raw[1]), result, error, &event->segment);
  }
  if (!difference.empty())
    throw Fault("The kernel and its shadow disagree at " + trace_.processes[static_cast<size_t>(process)].name +
                "'s call " + std::to_string(event->call) + " (" + event->name + "): " + difference);
}

Wait Run::describe_wait(const Task &task) const {
  Wait wait;
  wait.process = task.process;
  wait.call = trace_.processes[static_cast<size_t>(task.process)].calls + 1;
  wait.name = "unknown";
  wait.kind = "unknown";
  wait.certain = task.state == State::Held;
  if (task.listening) {
    wait.kind = "stopped";
    wait.certain = true;
  }
  if (task.state != State::Held) return wait;
  if (task.hold == Hold::EventLoop) {
    wait.name = "poll";
    wait.kind = task.due_ms >= 0 ? "timer" : "event-loop";
    return wait;
  }
  if (task.hold != Hold::Call) return wait;
  const PendingCall &call = task.call;
  wait.name = call.row->name;
  wait.args = call.args;
  wait.place = call.place;
  wait.in_handler = task.in_handler;
  if (call.is("msgrcv") || call.is("msgsnd")) {
    wait.kind = call.is("msgrcv") ? "message" : "space";
    wait.queue = shadow_->find_queue(as_int(call.args.id));
  } else if (call.is("semop")) {
    wait.kind = "semaphore";
    wait.semaphores = shadow_->find_semaphores(as_int(call.args.id));
  } else if (call.is("wait")) {
    wait.kind = "child";
  } else if (call.is("sleep")) {
    wait.kind = "timer";
  } else if (call.is("pause") || call.is("sigsuspend") || call.is("sigtimedwait")) {
    wait.kind = "signal";
  }
  return wait;
}

}  // namespace ipclab
