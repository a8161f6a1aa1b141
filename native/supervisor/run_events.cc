// What waitpid(2) tells of the run's threads, and waiting until none of them runs.
#include <sched.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <string_view>

#include "fault.h"
#include "places.h"
#include "proc.h"
#include "run.h"

namespace ipclab {
namespace {

// Looks at threads that work for one another, giving way in between, before we sleep for a tick. (A tick of a fraction
// of a millisecond instead would, on a busy machine, keep the very threads that we wait for from ever getting the
// processor.)
constexpr int kGlances = 40;
constexpr int kLongestStretch = 10;  // of the wall limit, on a machine that is busy with other things
constexpr int kFirstOfLibrary = 32;  // two signals that the C library keeps for its threads (nptl(7))
constexpr int kInKernelRestart[] = {kRestartSys, kRestartNoIntr, 514, 516};  // … NOHAND, _RESTARTBLOCK (linux/errno.h)

bool is_stop_signal(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

bool is_restart(long result) {
  return std::any_of(std::begin(kInKernelRestart), std::end(kInKernelRestart),
                     [&](int code) { return result == -code; });
}

// A timer that interrupts a blocking waitpid of this thread, again and again, so that no wake-up can be missed.
class Alarm {
 public:
  Alarm() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(kSignal, &action, nullptr);  // no SA_RESTART: waitpid must return
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, kSignal);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = kSignal;
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) throw Fault("timer_create", errno);
  }
  void set(int period_us) {
    if (period_us == period_us_) return;
    period_us_ = period_us;
    itimerspec spec{};
    spec.it_value.tv_nsec = spec.it_interval.tv_nsec = period_us * 1000L;
    timer_settime(timer_, 0, &spec, nullptr);
  }

 private:
  static constexpr int kSignal = SIGVTALRM;
  timer_t timer_{};
  int period_us_ = 0;
};

Alarm &alarm_of_engine() {
  static Alarm alarm;
  return alarm;
}

}  // namespace

Run::Task &Run::add_task(pid_t tid, int process) {
  auto task = std::make_unique<Task>(processes_[static_cast<size_t>(process)].leader, tid);
  task->process = process;
  task->number = processes_[static_cast<size_t>(process)].threads++;
  tasks_.push_back(std::move(task));
  by_tid_[tid] = tasks_.back().get();
  return *tasks_.back();
}

Run::Task *Run::main_task(int process) {
  for (const auto &task : tasks_) {
    if (task->process == process && task->number == 0 && task->state != State::Gone) return task.get();
  }
  return nullptr;
}

void Run::go_on(Task &task, bool to_exit_stop, int signal) {
  task.state = State::Running;
  output_told_ = false;
  resume(task.tid, to_exit_stop, signal);  // if it is gone, waitpid will say so
}

// One event, or none within the time (0: do not wait).
bool Run::wait_for_event(int timeout_us) {
  int status = 0;
  if (timeout_us > 0) alarm_of_engine().set(timeout_us);
  const pid_t tid = waitpid(-1, &status, timeout_us > 0 ? __WALL : __WALL | WNOHANG);
  if (tid > 0) {
    take_in(tid, status);
    return true;
  }
  if (tid < 0 && errno == ECHILD) throw Fault("waitpid: the run's processes have vanished", ECHILD);
  return false;
}

// Of whom news count first, -1 if of anybody: whom a kill(2) kills may be gone before the call has returned to who made
// it, and of several the last before the first. Told is first the call, then the deaths in order of start.
int Run::heard_first() const {
  if (awaited_ >= 0 || current_ < 0) return awaited_;
  const Task &mover = *tasks_[static_cast<size_t>(current_)];
  return mover.state == State::Running && mover.in_call && mover.call.is("kill") ? mover.process : -1;
}

void Run::take_in(pid_t tid, int status) {
  const int first = heard_first();
  const auto found = by_tid_.find(tid);
  if (first >= 0 && found != by_tid_.end() && found->second->process != first) {
    put_off_.emplace_back(tid, status);
    return;
  }
  dispatch(tid, status);
  take_in_what_was_put_off();
}

void Run::take_in_what_was_put_off() {
  // One at a time: what is taken in may wait for what comes after it.
  for (size_t left = put_off_.size(); left > 0 && !put_off_.empty(); left--) {
    const auto [tid, status] = put_off_.front();
    put_off_.erase(put_off_.begin());
    take_in(tid, status);
  }
}

// Until no thread runs: each is held, or sleeps in a call that we do not hold, or is gone.
void Run::settle() {
  if (free_) return;
  for (int glances = 0;;) {
    std::vector<Task *> running, asleep;
    bool threaded = false;
    for (const auto &task : tasks_) {
      if (task->state == State::Running || task->state == State::Born) {
        running.push_back(task.get());
        threaded = threaded || processes_[static_cast<size_t>(task->process)].threads > 1;
      } else if (task->state == State::Asleep && !task->vfork_parent && !task->listening) {
        asleep.push_back(task.get());
      }
    }
    if (running.empty()) {
      // Only a sleeper can have news now: what is held is silent.
      while (!asleep.empty() && wait_for_event(0)) {
      }
      bool woken = false;
      for (Task *task : asleep) {
        if (task->state != State::Asleep) continue;
        // One that was woken may not have run yet; then only its state tells.
        if (task->files.is_sleeping() && task->files.read_switches() == task->switches) continue;
        task->state = State::Running;
        woken = true;
      }
      // A turn of the event loop belongs to the move that made it ready.
      for (const auto &task : tasks_) {
        if (current_ < 0 || task->state != State::Held || task->hold != Hold::EventLoop) continue;
        if (task->process != tasks_[static_cast<size_t>(current_)]->process) continue;
        if (!is_event_ready(*task)) continue;
        go_on(*task, false);
        woken = true;
      }
      const bool moving = std::any_of(tasks_.begin(), tasks_.end(), [](const auto &task) {
        return task->state == State::Running || task->state == State::Born;
      });
      if (!woken && !moving) break;
      continue;
    }
    if (threaded && glances < kGlances) {
      if (wait_for_event(0)) {
        glances = 0;
      } else if (!are_asleep(running)) {
        glances++;
        sched_yield();
      }
      continue;
    }
    if (wait_for_event(kTickUs)) {
      glances = 0;
      continue;
    }
    check_limits();
    are_asleep(running);
  }
  if (!output_told_) tell_output();
}

// Do all of them sleep, at one and the same time? Then they are so marked.
bool Run::are_asleep(const std::vector<Task *> &tasks) {
  std::vector<uint64_t> switches;
  for (Task *task : tasks) {
    if (task->state == State::Born || task->watches_clock) return false;
    switches.push_back(task->files.read_switches());
    if (!task->files.is_sleeping()) return false;
  }
  for (size_t i = 0; i < tasks.size(); i++) {
    // Preempted on its way to sleep, it looks asleep but is about to run; only its call tells.
    if (tasks[i]->files.read_current_call() < 0) return false;
    if (tasks[i]->files.read_switches() != switches[i]) return false;
  }
  for (size_t i = 0; i < tasks.size(); i++) {
    tasks[i]->state = State::Asleep;
    tasks[i]->switches = switches[i];
  }
  return true;
}

// Has the event loop that the thread is held at anything to do?
bool Run::is_event_ready(const Task &task) {
  Process &process = processes_[static_cast<size_t>(task.process)];
  if (!process.reference) process.reference = open_process(process.leader);
  return is_descriptor_ready(process.reference, static_cast<int>(task.call.raw[0]));
}

void Run::check_limits() {
  drain_output();
  int busy = -1;
  for (const auto &task : tasks_) {
    if (task->state == State::Running) busy = task->process;
  }
  const double limit = plan_.limits.wall_ms;
  // What a busy machine takes is no fault of the program's.
  if (elapsed_ms() > limit && elapsed_ms() - starved_ms() > limit)
    throw Aborted{"wall-limit", busy, std::to_string(static_cast<int>(limit)) + " ms"};
  if (elapsed_ms() > limit * kLongestStretch) throw Fault("Expected a processor for the run: the machine is too busy");
  if (busy >= 0) check_cpu(busy);
}

void Run::check_cpu(int process) const {
  const size_t place = static_cast<size_t>(process);
  const double limit = plan_.limits.cpu_ms;
  if (read_cpu_ms(processes_[place].leader) > limit + trace_.processes[place].calls * kCpuMsOfCall)
    throw Aborted{"cpu-limit", process, std::to_string(static_cast<int>(limit)) + " ms"};
}

// Only one process moves: what came now is its own, if the stream is its family's.
int Run::writer_of(const Stream &stream) const {
  if (stream.writer >= 0) return stream.writer;
  if (current_ < 0) return stream.role_start;
  const int mover = tasks_[static_cast<size_t>(current_)]->process;
  return processes_[static_cast<size_t>(mover)].role_start == stream.role_start ? mover : stream.role_start;
}

// What was written since the last event becomes an event, one a stream: how often a pipe was read must not show in a
// trace.
void Run::tell_output() {
  output_told_ = true;
  if (!has_output()) return;
  drain_output();
  for (Stream &stream : streams_) {
    if (!stream.unsaid.empty() && may_tell(stream)) tell_stream(&stream, writer_of(stream));
  }
}

void Run::tell_stream(Stream *stream, int writer) {
  Event &event = add_event(Event::Kind::Output, writer);
  event.is_stderr = stream->is_stderr;
  event.text.swap(stream->unsaid);
}

// Is there anything in a stream, read or not?
bool Run::has_output() const {
  if (std::any_of(streams_.begin(), streams_.end(), [](const Stream &stream) { return !stream.unsaid.empty(); }))
    return true;
  epoll_event event{};
  return epoll_wait(output_poll_, &event, 1, 0) != 0;
}

// Answers whether there was anything.
bool Run::drain_output() {
  uint64_t before = 0, after = 0;
  for (Stream &stream : streams_) {
    before += stream.bytes;
    read_output(&stream);
    after += stream.bytes;
  }
  return after > before;
}

void Run::read_output(Stream *stream) {
  char buffer[1 << 16];
  while (stream->descriptor >= 0) {
    const ssize_t got = read_piece(stream, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {  // a terminal whose last user is gone says EIO
      close(stream->descriptor);
      stream->descriptor = -1;
      return;
    }
    stream->unsaid.append(buffer, static_cast<size_t>(got));
    stream->bytes += static_cast<uint64_t>(got);
    if (stream->bytes > plan_.limits.output_bytes)
      throw Aborted{"output-limit", writer_of(*stream), std::to_string(plan_.limits.output_bytes) + " bytes"};
  }
}

void Run::dispatch(pid_t tid, int status) {
  if (!WIFSTOPPED(status) && zygotes_.have_lost(tid))
    throw Fault("Expected the zygote to live as long as the engine, it ended");
  if (tid == space_->reaper()) throw Fault("Expected the reaper to live as long as the run, it ended");
  const auto found = by_tid_.find(tid);
  if (found == by_tid_.end()) {
    unclaimed_[tid] = status;
    return;
  }
  Task &task = *found->second;
  task.watches_clock = false;
  const int event = status >> 16, signal = WSTOPSIG(status);
  if (free_) note_stop(task, signal == (SIGTRAP | 0x80));
  if (!WIFSTOPPED(status)) return on_death(task, status);
  switch (event) {
    case PTRACE_EVENT_SECCOMP:
      return on_entry(task);
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: {
      unsigned long child = 0;
      ptrace(PTRACE_GETEVENTMSG, tid, nullptr, &child);
      return on_new_thread(task, static_cast<pid_t>(child), event);
    }
    case PTRACE_EVENT_VFORK_DONE:
      task.vfork_parent = false;
      task.state = State::Held;
      task.hold = Hold::VforkReturn;
      return;
    case PTRACE_EVENT_STOP:
      return on_event_stop(task, signal);
    case PTRACE_EVENT_EXEC:
      shadow_->on_exec(task.process);
      task.handlers.clear();
      processes_[static_cast<size_t>(task.process)].before_exec = false;
      return go_on(task, false);
    default:
      break;
  }
  if (signal == (SIGTRAP | 0x80)) return on_exit_stop(task);
  on_signal_stop(task, signal);
}

void Run::on_new_thread(Task &parent, pid_t tid, int event) {
  const int process = parent.process;
  const bool thread = !parent.in_call;  // fork, vfork and clone without CLONE_THREAD are traced calls
  if (thread) {
    add_task(tid, process);
  } else {
    Process child;
    child.leader = tid;
    child.place_board = processes_[static_cast<size_t>(process)].place_board;
    child.restarting_handlers = processes_[static_cast<size_t>(process)].restarting_handlers;
    child.open_handlers = processes_[static_cast<size_t>(process)].open_handlers;
    child.before_exec = event == PTRACE_EVENT_VFORK;
    child.role_start = processes_[static_cast<size_t>(process)].role_start;
    ProcessRecord record;
    const ProcessRecord &of_parent = trace_.processes[static_cast<size_t>(process)];
    record.name = of_parent.name + "." + std::to_string(++processes_[static_cast<size_t>(process)].children);
    record.role = of_parent.role;
    record.parent = process;
    trace_.processes.push_back(record);
    processes_.push_back(std::move(child));
    parent.child = static_cast<int>(processes_.size()) - 1;
    steps_ += kStepsOfProcess;
    if (event != PTRACE_EVENT_VFORK) shadow_->on_fork(process, parent.child);
    add_task(tid, parent.child).handlers = parent.handlers;
  }
  if (event == PTRACE_EVENT_VFORK) {
    // It sleeps in the kernel until the child execs or ends.
    go_on(parent, true);
    parent.vfork_parent = true;
    parent.state = State::Asleep;
    trace_.processes.back().pid = 0;
  } else {
    go_on(parent, !thread);
  }
  const auto early = unclaimed_.find(tid);
  if (early == unclaimed_.end()) return;
  const int status = early->second;
  unclaimed_.erase(early);
  dispatch(tid, status);
}

// A birth, or a stop of the whole process by a stop signal, or the end of such a stop.
void Run::on_event_stop(Task &task, int signal) {
  Process &process = processes_[static_cast<size_t>(task.process)];
  if (task.state == State::Born) {
    if (task.number > 0) return go_on(task, false);
    task.state = State::Held;
    task.hold = Hold::Start;
    return;
  }
  if (is_stop_signal(signal)) {
    process.stopped = true;
    task.state = State::Asleep;
    task.switches = 0;
    task.listening = true;
    ptrace(PTRACE_LISTEN, task.tid, nullptr, 0L);
    return;
  }
  process.stopped = false;
  task.listening = false;
  task.state = State::Held;
  task.hold = Hold::Signal;
  task.stop_signal = 0;
}

void Run::on_entry(Task &task) {
  Registers registers{};
  if (!get_registers(task.tid, &registers)) return;  // its death comes next
  if (registers.call() == SYS_prctl && registers.arg(0) == kBeginMarker) {
    processes_[static_cast<size_t>(task.process)].place_board = static_cast<long>(registers.arg(1));
    task.state = State::Held;
    task.hold = Hold::Start;
    return;
  }
  if (ends_or_begins_handler(task, registers)) return go_on(task, false);
  forget_left_handlers(task, registers);
  task.in_handler = task.handlers.empty() ? 0 : task.handlers.back().signal;
  const bool again = task.suspended && registers.raw.rip == task.registers_suspended.raw.rip &&
                     registers.raw.rsp == task.registers_suspended.raw.rsp &&
                     registers.call() == task.registers_suspended.call();
  task.registers = registers;
  task.call = decode_call(task.tid, registers);
  task.due_ms = -1;
  if (task.call.row && task.call.row->is_about_files() && !(files_ && files_->locate(task.tid, &task.call)))
    return go_on(task, false);
  if (task.call.row && task.call.row->is_about_mask() && !(plan_.signal_calls && changes_mask(task)))
    return go_on(task, false);
  const CallRow *row = task.call.row;
  if (plan_.places && row) task.call.place = find_place(task);
  if (is_addons_own(task)) {
    processes_[static_cast<size_t>(task.process)].signals_due = true;
    return go_on(task, false);
  }
  if (free_ && !row) note_timer(task);
  if (!row || row->call_class == CallClass::Silent || changes_nothing(task)) return go_on(task, false);
  if (free_) return let_in(task, again);
  task.state = State::Held;
  if (row->call_class == CallClass::EventLoop) {
    task.hold = Hold::EventLoop;
    const long timeout = task.call.args.timeout_ms.value_or(-1);
    if (timeout >= 0) task.due_ms = now_ms_ + static_cast<double>(timeout);
    if (task.number > 0 || is_event_ready(task)) go_on(task, false);
    return;
  }
  tell_output();
  task.hold = Hold::Call;
  if (again) {
    task.suspended = false;
    task.arrived = task.arrived_suspended;
    task.waited = task.waited_suspended;
    task.object = task.object_suspended;
  } else {
    task.arrived = static_cast<int>(trace_.events.size()) - 1;
    task.waited = row->call_class == CallClass::Schedule && would_block(task);
    task.object = object_of(task.call);
    task.slept = false;
  }
  if (task.call.args.timeout_ms) task.due_ms = now_ms_ + static_cast<double>(*task.call.args.timeout_ms);
  if (!again) {
    fault_at_arrival(task);
    if (inject_at_arrival(task)) return;
  }
  // When a handler is installed matters to others who send the signal.
  const bool waits = row->call_class == CallClass::Schedule || (plan_.signal_calls && task.call.is("sigaction"));
  if (!waits) enter_call(task);
}

// From where in its source the thread makes its call; empty if that is not known.
std::string Run::find_place(const Task &task) const {
  const Process &process = processes_[static_cast<size_t>(task.process)];
  if (process.place_board != 0)
    return read_place_board(task.tid, process.place_board, task.number == 0 ? nullptr : &task.call);
  return find_calling_code(task.tid, process.leader, static_cast<long>(task.registers.raw.rsp));
}

// The students' addon cancels a pending promise by a signal of its own to the thread that waits for it.
bool Run::is_addons_own(const Task &task) const {
  return task.call.is("kill") && task.call.args.signal.value_or(0) == kAddonsSignal &&
         task.call.args.pid.value_or(0) == trace_.processes[static_cast<size_t>(task.process)].pid;
}

// A sigaction that only asks, or that says what is so already, as spawn functions do for every signal before an exec.
bool Run::changes_nothing(const Task &task) const {
  if (!task.call.is("sigaction")) return false;
  const CallArgs &args = task.call.args;
  if (!*args.disposition || processes_[static_cast<size_t>(task.process)].before_exec) return true;
  SignalMasks masks;
  const int signal = static_cast<int>(args.signal.value_or(0));
  if (signal == kFirstOfLibrary || signal == kFirstOfLibrary + 1) return true;
  return std::string_view(args.disposition) == "default" && read_signal_masks(task.tid, &masks) &&
         !SignalMasks::in(masks.caught, signal) && !SignalMasks::in(masks.ignored, signal);
}

// A sigprocmask of the program's own that changes something. The library, around a thread's or a child's birth, blocks
// even what it keeps for itself; a program cannot, because sigfillset leaves that out.
bool Run::changes_mask(const Task &task) const {
  constexpr uint64_t library = 1ull << (kFirstOfLibrary - 1), ordinary = 0x7fffffff;
  constexpr uint64_t never = 1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1);
  const std::optional<uint64_t> &set = task.call.args.signals;
  if (task.number > 0 || !set || processes_[static_cast<size_t>(task.process)].before_exec) return false;
  const uint64_t before = read_blocked_signals(task.tid);
  if ((before | *set) & library) return false;
  const long how = task.call.raw[0];
  const uint64_t after = how == SIG_BLOCK ? before | *set : how == SIG_UNBLOCK ? before & ~*set : *set;
  return ((before ^ after) & ordinary & ~never) != 0;
}

void Run::on_exit_stop(Task &task) {
  if (!task.in_call) return go_on(task, false);
  Registers registers{};
  if (!get_registers(task.tid, &registers)) return;
  const long result = registers.result();
  task.in_call = false;
  if (is_restart(result)) {  // known only once the signal is delivered, or found to be ignored
    suspend_call(task);
    task.restarting = static_cast<int>(-result);
    return go_on(task, false);
  }
  if (result == -EINTR) {
    // A call that is never restarted was woken by a signal that does nothing; without a tracer it would sleep on.
    SignalMasks masks;
    if (read_signal_masks(task.tid, &masks) && masks.due_but_ignored() && !masks.deliverable()) {
      suspend_call(task);
      registers.raw.orig_rax = ~0ull;
      registers.raw.rip -= 2;
      registers.raw.rax = static_cast<unsigned long long>(task.call.number);
      set_registers(task.tid, registers);
      return go_on(task, false);
    }
  }
  complete_call(task, result, false);
  go_on(task, false);
}

void Run::on_death(Task &task, int status) {
  if (free_) abandon_call(task);
  task.state = State::Gone;
  task.files.close();
  by_tid_.erase(task.tid);
  if (task.number > 0) return;
  const int index = task.process;
  tell_output();
  progressed_ = true;
  ProcessExit exit;
  if (WIFSIGNALED(status)) {
    exit.signal = WTERMSIG(status);
    if (exit.signal == SIGKILL) record_signal(task, SIGKILL, "killed");  // has no delivery stop
  } else {
    exit.code = WEXITSTATUS(status);
  }
  add_event(Event::Kind::Exit, index).exit = exit;
  trace_.processes[static_cast<size_t>(index)].exit = exit;
  Process &process = processes_[static_cast<size_t>(index)];
  process.alive = false;
  process.reference.reset();
  process.alarm_ms = -1;
  if (shadow_) shadow_->on_exit(index);
  for (size_t i = 0; i < processes_.size(); i++) {
    if (trace_.processes[i].parent == index && processes_[i].alive) add_event(Event::Kind::Orphan, static_cast<int>(i));
  }
  const int parent = trace_.processes[static_cast<size_t>(index)].parent;
  if (parent < 0 || !processes_[static_cast<size_t>(parent)].alive) {
    process.reaped = true;
    return;
  }
  Process &of_parent = processes_[static_cast<size_t>(parent)];
  of_parent.signals_due = true;
  SignalMasks masks;
  if (read_signal_masks(of_parent.leader, &masks) && SignalMasks::in(masks.ignored, SIGCHLD)) process.reaped = true;
}

}  // namespace ipclab
