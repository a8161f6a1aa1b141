#include "run.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "fault.h"
#include "objects.h"
#include "proc.h"

namespace ipclab {
namespace {

constexpr int kFirstPid = 20000;  // no message type of a lab looks like it, and below every pid_max
constexpr uint64_t kCpuMarginMs = 3000;
constexpr int kPipeBytes = 1 << 20;
constexpr long kTraceOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |
                               PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACECLONE |
                               PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

void close_descriptor(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

// Reading end first. The writing end can hold a whole run's output, so that no process waits for us to read.
void make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) throw Fault("pipe for a process's output", errno);
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

// As a pipe, but the kernel tells with each piece who has written it.
void make_signed_stream(int ends[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw Fault("socketpair for output", errno);
  const int on = 1;
  if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) throw Fault("SO_PASSCRED", errno);
  setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &kPipeBytes, sizeof kPipeBytes);
  shutdown(ends[0], SHUT_WR);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

void make_terminal(int ends[2]) {
  ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  char name[64];
  if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0 || ptsname_r(ends[0], name, sizeof name) != 0)
    throw Fault("a terminal for a process's output", errno);
  ends[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ends[1] < 0) throw Fault("a terminal for a process's output", errno);
  termios settings{};
  tcgetattr(ends[1], &settings);
  settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);  // the trace holds what the program wrote
  tcsetattr(ends[1], TCSANOW, &settings);
}

int make_input(const std::string &text) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Fault("pipe for a process's input", errno);
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  const ssize_t written = text.empty() ? 0 : write(ends[1], text.data(), text.size());
  close(ends[1]);
  if (written != static_cast<ssize_t>(text.size())) throw Fault("Expected the input of a process to be under 1 MiB");
  return ends[0];
}

}  // namespace

Run::Run(const Plan &plan, Zygotes &zygotes)
    : plan_(plan),
      zygotes_(zygotes),
      scheduler_(plan),
      own_files_(getpid(), gettid()),
      before_(own_files_.read_times()) {
  trace_.injections.resize(plan.injections.size());
  trace_.faults.resize(plan.faults.size());
}

Run::~Run() {
  kill_everything();
  for (Stream &stream : streams_) close_descriptor(&stream.descriptor);
  for (int &gate : gates_) close_descriptor(&gate);
  close_descriptor(&output_poll_);
}

double Run::elapsed_ms() const {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began_).count();
}

// For so long the machine had no processor for us, because others had it. One of us moves at a time, so we seldom wait
// for each other, and never longer than none of us runs.
double Run::starved_ms() const {
  const ProcessorTimes own = own_files_.read_times();
  double used = own.used - before_.used, waited = own.waited - before_.waited;
  for (const auto &task : tasks_) {
    const ProcessorTimes times = task->files.read_times();
    used += times.used;
    waited += times.waited;
  }
  return std::min(waited, elapsed_ms() - used);
}

Event &Run::add_event(Event::Kind kind, int process) {
  Event event;
  event.kind = kind;
  event.process = process;
  event.entered = event.returned = ++stamp_;
  trace_.events.push_back(std::move(event));
  return trace_.events.back();
}

std::string Run::task_name(const Task &task) const {
  const std::string &name = trace_.processes[static_cast<size_t>(task.process)].name;
  return task.number == 0 ? name : name + "+" + std::to_string(task.number);
}

void Run::execute() {
  began_ = std::chrono::steady_clock::now();
  RunSpaceOptions options;
  options.first_pid = kFirstPid;
  options.queue_bytes = plan_.queue_bytes;
  options.burnt_ids = plan_.burnt_ids;
  options.folder = plan_.folder;
  space_ = std::make_unique<RunSpace>(RunSpace::create(options));
  space_->join_ipc();
  try {
    shadow_ = create_objects(plan_);
    if (plan_.file_calls) files_ = std::make_unique<Files>(plan_.folder);
    start_roles();
    if (plan_.strategy == StrategyKind::Free) run_freely();
    while (std::any_of(processes_.begin(), processes_.end(), [](const Process &process) { return process.alive; }))
      move();
    trace_.end.cause = "completed";
    if (!free_) compare_with_kernel(*shadow_);
  } catch (const Aborted &end) {
    trace_.end.cause = end.cause;
    trace_.end.process = end.process;
    trace_.end.detail = end.detail;
    describe_waits();
  }
  for (size_t i = 0; i < processes_.size(); i++) trace_.processes[i].ended_by_supervisor = processes_[i].alive;
  kill_everything();
  if (files_) {
    files_->look_at_what_is_left();
    if (files_->is_full() && trace_.end.cause == "completed") {
      trace_.end.cause = "file-limit";
      trace_.end.detail = kMostContentText;
    }
    trace_.files = files_->records();
  }
  trace_.deviations = scheduler_.deviations();
  trace_.choices = scheduler_.choices();
  trace_.points = scheduler_.points();
  trace_.misses = scheduler_.misses();
}

void Run::start_roles() {
  output_poll_ = epoll_create1(EPOLL_CLOEXEC);
  if (output_poll_ < 0) throw Fault("epoll_create1", errno);
  for (size_t i = 0; i < plan_.processes.size(); i++) start_role(static_cast<int>(i));
}

void Run::start_role(int index) {
  const ProcessPlan &role = plan_.processes[static_cast<size_t>(index)];
  int output[2], error[2], gate[2];
  if (plan_.pty) {
    make_terminal(output);
    make_terminal(error);
  } else if (plan_.strategy == StrategyKind::Free) {
    make_signed_stream(output);
    make_signed_stream(error);
  } else {
    make_pipe(output);
    make_pipe(error);
  }
  streams_.push_back({output[0], index, false});
  streams_.push_back({error[0], index, true});
  for (int descriptor : {output[0], error[0]}) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (epoll_ctl(output_poll_, EPOLL_CTL_ADD, descriptor, &event) != 0) throw Fault("epoll_ctl", errno);
  }
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) != 0) throw Fault("socketpair for a gate", errno);
  gates_.push_back(gate[0]);

  Launch launch;
  launch.confinement.folder = plan_.folder;
  launch.confinement.readable = plan_.readable;
  // The kernel's own limit is only the second line: it would end the process by a signal at about the same time as we
  // look.
  const double calls_ms = plan_.limits.steps * kCpuMsOfCall;
  launch.confinement.cpu_ms = static_cast<uint64_t>(plan_.limits.cpu_ms + calls_ms) + kCpuMarginMs;
  launch.confinement.memory_bytes = plan_.limits.memory_bytes;
  launch.confinement.file_bytes = plan_.limits.file_bytes;
  launch.confinement.typescript = role.typescript;
  launch.confinement.space = space_->descriptor();
  launch.bundle = role.bundle;
  launch.places = plan_.places;
  launch.executable = role.executable;
  launch.args = role.args;
  for (std::string &arg : launch.args) {
    for (const ProcessRecord &earlier : trace_.processes) {
      const std::string place = "{pid:" + earlier.name + "}";
      for (size_t at; (at = arg.find(place)) != std::string::npos;)
        arg.replace(at, place.size(), std::to_string(earlier.pid));
    }
  }
  for (const auto &[name, value] : role.env) launch.env.push_back(name + "=" + value);
  launch.file_calls = plan_.file_calls;
  // With one thread to a pool, which of them takes a call on a file is not left to chance.
  if (plan_.file_calls && role.typescript) launch.env.push_back("UV_THREADPOOL_SIZE=1");
  launch.standard_input = make_input(role.standard_input);
  launch.standard_output = output[1];
  launch.standard_error = error[1];
  launch.gate = gate[1];

  const pid_t pid = (role.typescript ? zygotes_.scripts : zygotes_.executables).fork_role(launch);
  for (int descriptor : {launch.standard_input, output[1], error[1], gate[1]}) close(descriptor);

  ProcessRecord record;
  record.name = role.name;
  record.role = role.role;
  record.pid = kFirstPid + index;
  trace_.processes.push_back(record);
  Process process;
  process.leader = pid;
  process.role_start = index;
  processes_.push_back(std::move(process));
  add_task(pid, static_cast<int>(processes_.size()) - 1).state = State::Running;
  if (ptrace(PTRACE_SEIZE, pid, nullptr, kTraceOptions) != 0) throw Fault("ptrace(PTRACE_SEIZE)", errno);
  open_gate(gate[0]);
  settle();
  const Process &started = processes_.back();
  if (!started.alive) {
    const std::string said = read_gate(gate[0]);
    throw Fault("Expected " + role.name + " to begin, it ended" + (said.empty() ? "" : ": " + said));
  }
}

std::vector<Candidate> Run::candidates() {
  std::vector<Candidate> found;
  for (size_t i = 0; i < tasks_.size(); i++) {
    Task &task = *tasks_[i];
    if (task.state != State::Held) continue;
    const bool enabled = is_enabled(task);
    const bool sleeper = !enabled && task.hold == Hold::Call && task.call.is("sleep");
    if (!enabled && !sleeper) continue;
    found.push_back({static_cast<int>(i), task_name(task), task.process, access_of(task), sleeper ? task.due_ms : -1});
    if (enabled && may_come_before_call(task))
      found.push_back({signal_of(static_cast<int>(i)), task_name(task) + kSignalSuffix, task.process, {}, -1});
  }
  return found;
}

// What the call that a thread is held at may change, or see changed.
Access Run::access_of(const Task &task) const {
  Access access;
  if (task.hold != Hold::Call) return access;
  const PendingCall &call = task.call;
  const int id = static_cast<int>(call.args.id.value_or(-1));
  const auto about = [&](Access::Kind kind, int object) {
    access.kind = object < 0 ? Access::Kind::Nothing : kind;
    access.object = object;
  };
  if (call.row->is_about_files()) {
    about(Access::Kind::Files, 0);
  } else if (call.is("msgsnd") || call.is("msgctl")) {
    about(Access::Kind::Queue, shadow_->find_queue(id));
  } else if (call.is("msgrcv")) {
    about(Access::Kind::Queue, shadow_->find_queue(id));
    access.only_type = std::max(0l, call.args.msgtyp.value_or(0));
    for (const std::string_view flag : call.args.flags) {
      if (flag == "MSG_EXCEPT" || flag == "MSG_COPY") access.only_type = 0;
    }
  } else if (call.is("semop") || call.is("semctl")) {
    about(Access::Kind::Semaphores, shadow_->find_semaphores(id));
  } else if (call.is("shmat") || call.is("shmctl")) {
    about(Access::Kind::Segment, shadow_->find_segment(id));
  } else if (call.args.key.value_or(0) != 0) {
    about(Access::Kind::Key, static_cast<int>(*call.args.key & 0x7fffffff));
  } else if (call.is("kill")) {
    about(Access::Kind::Process, find_process(static_cast<pid_t>(call.args.pid.value_or(0))));
  }
  return access;
}

void Run::move() {
  if (++steps_ > plan_.limits.steps)
    throw Aborted{"step-limit", current_ < 0 ? -1 : tasks_[static_cast<size_t>(current_)]->process,
                  "more than " + std::to_string(plan_.limits.steps) + " steps"};
  if (!late_injections_.empty() || !late_groups_.empty()) inject_late();
  if (progressed_) {
    vain_moves_ = 0;
  } else if (yielded_) {
    vain_moves_++;
  }
  progressed_ = false;
  const std::vector<Candidate> able = candidates();
  const bool all_sleep =
      std::all_of(able.begin(), able.end(), [](const Candidate &candidate) { return candidate.due_ms >= 0; });
  if (vain_moves_ >= kVainMoves && move_on_from_polling(all_sleep)) return;
  // Which of several sleepers wakes up first is a choice like any other, if no other timer is due before them.
  if (able.empty() || (all_sleep && !is_next_timer_a_sleep())) {
    if (fire_next_timer() || continue_next_stopped() || send_next_stop()) return;
    finish_stuck();
  }
  const bool begun = current_ >= 0;
  const std::string at = begun ? task_name(*tasks_[static_cast<size_t>(current_)]) : "";
  const int turn = begun ? tasks_[static_cast<size_t>(current_)]->turns : 0;
  const int chosen = scheduler_.choose(able, at, turn, yielded_, static_cast<int>(trace_.events.size()));
  current_ = chosen < 0 ? signal_of(chosen) : chosen;
  Task &task = *tasks_[static_cast<size_t>(current_)];
  yielded_ = false;
  task.turns++;
  if (chosen < 0) {
    progressed_ = true;
    step_back(task);
    return settle();
  }
  switch (task.hold) {
    case Hold::Start:
      progressed_ = true;
      add_event(Event::Kind::Start, task.process);
      go_on(task, false);
      break;
    case Hold::Call:
      enter_call(task);
      break;
    case Hold::EventLoop:
      go_on(task, false);
      break;
    case Hold::VforkReturn:
      go_on(task, true);
      break;
    case Hold::Signal:
      deliver(task, task.stop_signal);
      break;
  }
  settle();
}

// All that can move have only polled in vain for long: what would come if nothing could move comes now. False if there
// is nothing of the kind, and they go on.
bool Run::move_on_from_polling(bool all_sleep) {
  if (vain_moves_ % kVainMoves == 0) {
    vain_moves_++;
    // Where all sleep between their polls, timers come by themselves.
    if (!all_sleep && fire_next_timer()) return true;
    if (continue_next_stopped() || send_next_stop()) {
      vain_moves_ = 0;
      return true;
    }
  }
  if (vain_moves_ < kVainMovesToTheEnd) return false;
  throw Aborted{"busy-waiting", current_ < 0 ? -1 : tasks_[static_cast<size_t>(current_)]->process,
                std::to_string(vain_moves_) + " polls in vain"};
}

// A process that a planned signal has stopped goes on when nothing else can.
bool Run::continue_next_stopped() {
  for (size_t i = 0; i < processes_.size(); i++) {
    if (!processes_[i].alive || !processes_[i].stopped_as_planned) continue;
    processes_[i].stopped_as_planned = false;
    send_signal(static_cast<int>(i), SIGCONT, Event::kFromScenario);
    return true;
  }
  return false;
}

Run::Timer Run::find_next_timer() const {
  Timer next;
  for (const auto &task : tasks_) {
    if (task->state != State::Held || task->due_ms < 0 || is_out_of_reach(*task)) continue;
    if (next.due_ms < 0 || task->due_ms < next.due_ms) next = {task->due_ms, task.get(), -1};
  }
  for (size_t i = 0; i < processes_.size(); i++) {
    const Process &process = processes_[i];
    // To one that is stopped it comes when it goes on.
    if (!process.alive || process.stopped || process.alarm_ms < 0) continue;
    if (next.due_ms < 0 || process.alarm_ms < next.due_ms) next = {process.alarm_ms, nullptr, static_cast<int>(i)};
  }
  return next;
}

// An event loop sleeps by the real clock. What it does in an hour, or in 24 days only to stay alive, this run does not
// see.
bool Run::is_out_of_reach(const Task &task) const {
  return task.hold == Hold::EventLoop && task.due_ms - now_ms_ > plan_.limits.wall_ms;
}

bool Run::is_next_timer_a_sleep() const {
  const Timer next = find_next_timer();
  return next.task && next.task->hold == Hold::Call && next.task->call.is("sleep");
}

// Nothing can move: the earliest sleep, time-out or alarm is due. False if there is none.
bool Run::fire_next_timer() {
  const Timer next = find_next_timer();
  const double earliest = next.due_ms;
  const int alarmed = next.alarmed;
  Task *const woken = next.task;
  if (earliest < 0) return false;
  now_ms_ = std::max(now_ms_, earliest);
  if (alarmed >= 0) {
    processes_[static_cast<size_t>(alarmed)].alarm_ms = -1;
    send_signal(alarmed, SIGALRM, Event::kFromKernel);
    return true;
  }
  current_ = static_cast<int>(
      std::find_if(tasks_.begin(), tasks_.end(), [&](const auto &task) { return task.get() == woken; }) -
      tasks_.begin());
  yielded_ = false;
  woken->turns++;
  if (woken->hold == Hold::EventLoop) {
    go_on(*woken, false);  // its clock is real: it sleeps until its timer
    woken->watches_clock = true;
  } else {
    enter_call(*woken);
  }
  settle();
  return true;
}

// Has a planned signal of that kind reached the process?
bool Run::has_landed(const std::string &process, int signal) const {
  for (size_t i = 0; i < plan_.injections.size(); i++) {
    const Injection &injection = plan_.injections[i];
    if (injection.process == process && injection.signal == signal && trace_.injections[i].status == "landed")
      return true;
  }
  return false;
}

// Has a stop brought the same signal to the same process? It is told once, by the one or the other.
bool Run::is_told_already(const Injection &injection) const {
  for (size_t i = 0; i < next_stop_; i++)
    if (plan_.stops[i].process == injection.process && plan_.stops[i].signal == injection.signal) return true;
  return false;
}

bool Run::send_next_stop() {
  while (next_stop_ < plan_.stops.size()) {
    const Stop &stop = plan_.stops[next_stop_++];
    if (has_landed(stop.process, stop.signal)) continue;  // told once, it must have heard
    for (size_t i = 0; i < processes_.size(); i++) {
      if (trace_.processes[i].name != stop.process || !processes_[i].alive) continue;
      send_signal(static_cast<int>(i), stop.signal, Event::kFromScenario);
      return true;
    }
  }
  return false;
}

// Nothing from outside can come: input is complete, there is no network. So it is certain, unless a program sleeps in a
// call that we do not know.
void Run::finish_stuck() {
  const bool unknown = std::any_of(tasks_.begin(), tasks_.end(), [&](const auto &task) {
    if (task->state == State::Held) return task->due_ms >= 0 && is_out_of_reach(*task);
    return task->state == State::Asleep && task->number == 0 && !task->vfork_parent && !task->listening;
  });
  throw Aborted{unknown ? "idle" : "deadlock", -1, ""};
}

// What every process that is left waits for: its held calls, or else its main thread's sleep.
void Run::describe_waits() {
  for (size_t i = 0; i < processes_.size(); i++) {
    if (!processes_[i].alive) continue;
    std::vector<Wait> calls;
    const Task *main = nullptr;
    for (const auto &task : tasks_) {
      if (task->process != static_cast<int>(i) || task->state == State::Gone) continue;
      if (task->number == 0) main = task.get();
      if (task->state == State::Held && task->hold == Hold::Call) calls.push_back(describe_wait(*task));
    }
    if (calls.empty() && main) calls.push_back(describe_wait(*main));
    trace_.end.waits.insert(trace_.end.waits.end(), calls.begin(), calls.end());
  }
}

void Run::kill_everything() noexcept {
  if (!space_) return;
  for (const auto &task : tasks_) {
    if (task->state != State::Gone)
      syscall(SYS_tgkill, processes_[static_cast<size_t>(task->process)].leader, task->tid, SIGKILL);
  }
  for (const auto &[tid, status] : unclaimed_) kill(tid, SIGKILL);
  if (space_->reaper() > 0) space_->kill_all();
  // Whatever of the run is left, known or not, dies with the reaper; the reaper is the last to go.
  bool reaper_gone = space_->reaper() <= 0;
  while (!reaper_gone) {
    int status = 0;
    const pid_t tid = waitpid(-1, &status, __WALL);
    if (tid < 0 && errno == EINTR) continue;
    if (tid < 0) break;
    if (!WIFSTOPPED(status)) zygotes_.have_lost(tid);
    if (WIFSTOPPED(status)) {
      ptrace(PTRACE_CONT, tid, nullptr, 0L);
    } else if (tid == space_->reaper()) {
      reaper_gone = true;
    }
  }
  space_->set_reaped();
  if (free_) look_at_what_is_left();
  for (const auto &task : tasks_) task->state = State::Gone;
  by_tid_.clear();
  space_->leave_ipc();
  space_.reset();
}

}  // namespace ipclab
