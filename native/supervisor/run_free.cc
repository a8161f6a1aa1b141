// A run at full speed: nobody is held, blocking calls block in the kernel, sleeps are real, all processors are used.
// Each call still stops at its entry and at its return, where it is stamped with a running number and let go at once.
// Calls overlap, so the shadow cannot say what they should answer; a legal order is found afterwards from the stamps
// (native/src/history.ts says what a stamp means). Quiet: all sleep at one and the same time, in calls that no clock
// ends. Then nothing can ever move by itself, and stops are sent, as in a run that is held.
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ctime>
#include <limits>

#include "affinity.h"
#include "fault.h"
#include "objects.h"
#include "proc.h"
#include "run.h"

namespace ipclab {
namespace {

constexpr double kNever = -1, kWhoKnows = std::numeric_limits<double>::infinity();
constexpr double kLateMs = 1000;  // a timer that is due may be this late, on a busy machine

// Waiting calls that are not recorded, but may end by the clock: which argument says so. Of poll a time, or negative;
// of the others a pointer, or null.
constexpr struct {
  long number;
  int argument;
} kTimedWaits[] = {{SYS_poll, 2}, {SYS_ppoll, 2}, {SYS_select, 4}, {SYS_pselect6, 4}};

// A time beyond the run's own is none: programs set such a timer to live on.
bool has_timeout(const PendingCall &call, double wall_ms) {
  const auto is_within = [&](long ms) { return ms >= 0 && static_cast<double>(ms) <= wall_ms; };
  if (call.row) return is_within(call.args.timeout_ms.value_or(-1));
  for (const auto &row : kTimedWaits) {
    if (row.number != call.number) continue;
    return call.number == SYS_poll ? is_within(static_cast<int>(call.raw[row.argument])) : call.raw[row.argument] != 0;
  }
  return false;
}

}  // namespace

void Run::run_freely() {
  free_ = true;
  try {
    release_held();
    while (std::any_of(processes_.begin(), processes_.end(), [](const Process &process) { return process.alive; })) {
      if (wait_for_event(kTickUs)) {
        release_held();
      } else if (!drain_output() && is_quiet() && !send_next_stop()) {  // who waits for us to read is not quiet
        mark_waits();
        finish_stuck();
      }
      check_limits_freely();
    }
    current_ = -1;
    tell_output();
  } catch (const Aborted &) {
    mark_waits();
    current_ = -1;
    for (Stream &stream : streams_) {
      if (!stream.unsaid.empty()) tell_stream(&stream, writer_of(stream));
    }
    throw;
  }
}

// Whoever stands at its start and may begin, or at a stop that is not a call's.
void Run::release_held() {
  for (size_t i = 0; i < tasks_.size(); i++) {
    Task &task = *tasks_[i];
    if (task.state != State::Held || (task.hold == Hold::Start && !is_enabled(task))) continue;
    switch (task.hold) {
      case Hold::Start:
        unpin(task.tid);
        if (int &pid = trace_.processes[static_cast<size_t>(task.process)].pid; pid == 0) pid = read_own_pid(task.tid);
        add_event(Event::Kind::Start, task.process);
        go_on(task, false);
        break;
      case Hold::VforkReturn:
        go_on(task, true);
        break;
      case Hold::Signal:
        deliver(task, task.stop_signal);
        break;
      case Hold::Call:
      case Hold::EventLoop:
        break;  // never held here
    }
  }
}

// Do all sleep, at one and the same time, and will no clock wake any of them?
bool Run::is_quiet() {
  std::vector<Task *> awake;
  for (const auto &task : tasks_) {
    if (task->state == State::Gone || task->state == State::Held || task->vfork_parent || task->listening) continue;
    awake.push_back(task.get());
  }
  if (!are_asleep(awake)) return false;
  return std::none_of(awake.begin(), awake.end(), [&](const Task *task) { return expects_timer(*task); }) &&
         std::none_of(processes_.begin(), processes_.end(), [&](const Process &process) {
           return process.alive && process.alarm_ms >= 0 && process.alarm_ms + kLateMs > elapsed_ms();
         });
}

bool Run::expects_timer(const Task &task) const {
  return has_timeout(task.call, plan_.limits.wall_ms) && task.files.read_current_call() == task.call.number;
}

// For the description of the end: those that sleep in a call that we know wait at it.
void Run::mark_waits() {
  for (const auto &task : tasks_) {
    if (task->state != State::Asleep || task->vfork_parent || task->listening || !task->call.row) continue;
    const long number = task->files.read_current_call();
    if (number != task->call.number || !(task->in_call || task->hold == Hold::EventLoop)) continue;
    task->state = State::Held;
  }
}

void Run::check_limits_freely() {
  const double now = elapsed_ms();
  if (now - looked_at_limits_ms_ < kTickUs / 1000.0) return;
  looked_at_limits_ms_ = now;
  drain_output();
  if (now > plan_.limits.wall_ms)
    throw Aborted{"wall-limit", -1, std::to_string(static_cast<int>(plan_.limits.wall_ms)) + " ms"};
  for (size_t i = 0; i < processes_.size(); i++) {
    if (processes_[i].alive) check_cpu(static_cast<int>(i));
  }
}

// A thread has stopped. What its process has written so far came before that; a call cannot have written anything.
void Run::note_stop(Task &task, bool returns) {
  for (size_t i = 0; i < tasks_.size(); i++) {
    if (tasks_[i].get() == &task) current_ = static_cast<int>(i);
  }
  if (!returns) tell_output();
}

// What came from one writer at once. In a free run any of a family may have written meanwhile; the socket knows who
// has.
ssize_t Run::read_piece(Stream *stream, char *buffer, size_t size) {
  if (plan_.strategy != StrategyKind::Free || plan_.pty) return read(stream->descriptor, buffer, size);
  iovec part{buffer, size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(stream->descriptor, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got <= 0) return got;
  const cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_CREDENTIALS) return got;
  ucred from;
  memcpy(&from, CMSG_DATA(header), sizeof from);
  int writer = stream->role_start;
  for (size_t i = 0; i < processes_.size(); i++) {
    if (processes_[i].leader == from.pid) writer = static_cast<int>(i);
  }
  if (writer != stream->writer && !stream->unsaid.empty()) tell_stream(stream, stream->writer);
  stream->writer = writer;
  return got;
}

// Is it known who has written what was read from that stream? A terminal does not tell; then it was surely the family
// of the thread that has stopped, or it is not known yet.
bool Run::may_tell(const Stream &stream) const {
  if (!free_ || current_ < 0 || stream.writer >= 0) return true;
  const int process = tasks_[static_cast<size_t>(current_)]->process;
  return processes_[static_cast<size_t>(process)].role_start == stream.role_start;
}

// At the entry of a call that is not recorded: a real timer that it sets will bring a SIGALRM, or what not.
void Run::note_timer(const Task &task) {
  double &due = processes_[static_cast<size_t>(task.process)].alarm_ms;
  if (task.call.number == SYS_setitimer) {
    itimerval timer{};
    if (!read_value(task.tid, task.call.raw[1], &timer)) return;
    const double value =
        static_cast<double>(timer.it_value.tv_sec) * 1e3 + static_cast<double>(timer.it_value.tv_usec) / 1e3;
    const bool repeats = timer.it_interval.tv_sec || timer.it_interval.tv_usec;
    due = value == 0 ? kNever : repeats ? kWhoKnows : elapsed_ms() + value;
  } else if (task.call.number == SYS_timer_settime) {
    itimerspec timer{};
    if (!read_value(task.tid, task.call.raw[2], &timer)) return;
    due = timer.it_value.tv_sec || timer.it_value.tv_nsec ? kWhoKnows : kNever;
  }
}

// At the entry of a call: stamped, and let go to its return.
void Run::let_in(Task &task, bool again) {
  const PendingCall &call = task.call;
  if (call.row->call_class == CallClass::EventLoop) {
    task.hold = Hold::EventLoop;
    return go_on(task, false);
  }
  if (++steps_ > plan_.limits.steps)
    throw Aborted{"step-limit", task.process, "more than " + std::to_string(plan_.limits.steps) + " steps"};
  task.hold = Hold::Call;
  task.suspended = task.suspended && !again;
  task.entered = again ? task.entered_suspended : ++stamp_;
  if (call.is("fork")) {
    const long alive =
        std::count_if(processes_.begin(), processes_.end(), [](const Process &each) { return each.alive; });
    if (alive >= plan_.limits.processes) {
      Registers registers = task.registers;
      registers.force_result(-EAGAIN);
      set_registers(task.tid, registers);
      complete_call(task, -EAGAIN, true);
      return go_on(task, false);
    }
  }
  if (call.is("kill") && !again) note_kill_freely(task);
  task.in_call = true;
  go_on(task, true);
}

// Its signal may arrive before the call returns.
void Run::note_kill_freely(const Task &task) {
  const long pid = task.call.args.pid.value_or(0);
  const int signal = static_cast<int>(task.call.args.signal.value_or(0));
  if (signal == 0) return;
  const int family =
      processes_[static_cast<size_t>(pid < -1 ? std::max(0, find_process(static_cast<pid_t>(-pid))) : task.process)]
          .role_start;
  const int target = find_process(static_cast<pid_t>(pid));
  for (size_t i = 0; i < processes_.size(); i++) {
    const int each = static_cast<int>(i);
    const bool hit = pid > 0 ? each == target : pid == -1 ? each != task.process : processes_[i].role_start == family;
    if (hit && processes_[i].alive) processes_[i].senders.push_back({signal, task.process});
  }
}

// What a call has answered, beside its result.
void Run::read_answer(const Task &task, Event *event) {
  const PendingCall &call = task.call;
  event->entered = task.entered;
  event->returned = ++stamp_;
  msqid_ds queue{};
  if (call.is("msgsnd")) {
    event->bytes = call.bytes;
  } else if (call.is("msgrcv") && !event->error) {
    long mtype = 0;
    if (!read_message(task.tid, call.raw[1], static_cast<size_t>(event->result), &mtype, &event->bytes))
      throw Fault("reading a received message from the process's memory", errno);
    event->args.mtype = mtype;
  } else if (call.is("msgctl") && (call.raw[1] == IPC_STAT || call.raw[1] == IPC_SET) &&
             read_value(task.tid, call.raw[2], &queue)) {
    event->status = status_of(queue);
  } else if (call.is("semctl") && call.raw[2] == SETVAL) {
    event->values.push_back(static_cast<int>(call.raw[3]));
  } else if (call.is("alarm")) {
    const long seconds = call.args.seconds.value_or(0);
    processes_[static_cast<size_t>(task.process)].alarm_ms =
        seconds > 0 ? elapsed_ms() + static_cast<double>(seconds) * 1000 : kNever;
  }
}

// The thread has died, or dies, in a call: it may or may not have done its work.
void Run::abandon_call(const Task &task) {
  if (!task.in_call) return;
  Event event;
  event.kind = Event::Kind::Call;
  event.process = task.process;
  event.name = task.call.row->name;
  event.args = task.call.args;
  event.thread = task.number;
  event.in_handler = task.in_handler;
  event.entered = task.entered;
  if (task.call.is("msgsnd")) event.bytes = task.call.bytes;
  trace_.events.push_back(std::move(event));
}

// All are gone, and we are still in their IPC namespace.
void Run::look_at_what_is_left() noexcept {
  for (const auto &task : tasks_) {
    if (task->state != State::Gone) abandon_call(*task);
  }
  trace_.left = take_what_is_left();
}

}  // namespace ipclab
