// One run: the processes of a scenario on real kernel objects, moved one at a time.
//
// THEORY OF OPERATION
// Who: this process (the engine) is the tracer of every thread of the run, by ptrace(2). A reaper is PID 1 of the run's
// own PID namespace; roles are forked by zygotes. All of them are ours until they pass their gate; from the marker call
// on they run the student's program, confined. Held: the seccomp filter stops a thread at the entry of each traced
// call. There it stays, as long as we like, until it is the one to move. A move is: the call runs from entry to return,
// and the program goes on to its next held call, to a sleep that is not traced, or to its end, all others being held.
// So events have one order. Blocked: the shadow of the kernel's objects says whether a held call would sleep. Such a
// call stays at its entry until it would not; so nobody sleeps in the kernel unseen, and which message a receiver gets
// is decided when it moves. Signals: given with tgkill to a held thread; it is then able to move, and the kernel ends
// its call as it would have ended the sleep. Signals that would do nothing are absorbed before a call is entered,
// because under a tracer even they wake a sleeper. Time: sleeps and alarms are not waited for: when nothing else can
// move, the earliest one is due. Event loops of Node keep their own clock and are waited for. Files: where the plan
// asks, calls on files of the run's folder are held like the others; they never block, and which file is which is asked
// of the kernel (files.h). End: all are gone; or nothing can ever move (deadlock, idle); or a limit is met. Then every
// thread is killed and waited for, and the namespaces go with the last of them. Waiting: only this thread waits for
// children (waitpid(-1, __WALL)), interrupted by a timer so that limits are kept and sleepers are noticed.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "calls.h"
#include "files.h"
#include "namespace.h"
#include "plan.h"
#include "proc.h"
#include "scheduler.h"
#include "shadow.h"
#include "trace.h"
#include "zygote.h"

namespace ipclab {

// Interrupted calls: restarted if the handler says SA_RESTART; restarted in any case (linux/errno.h).
constexpr int kRestartSys = 512, kRestartNoIntr = 513;

// After so many moves in a row that were polls in vain, what else may come does: timers, stops. After so many without
// any of these, nothing will.
constexpr int kVainMoves = 100, kVainMovesToTheEnd = 1000;

// How often limits are looked at while a program computes.
constexpr int kTickUs = 5000;
// Beyond the limit, for each call that a process has made: who makes thousands, each of which we stop twice, need not
// compute for ever.
constexpr double kCpuMsOfCall = 1;
// What a new process counts for in the limit of steps: it takes as long as so many calls.
constexpr int kStepsOfProcess = 25;

// Signal that the students' addon keeps for itself (native/addon).
constexpr int kAddonsSignal = 64;

class Run {
 public:
  Run(const Plan &plan, Zygotes &zygotes);
  ~Run();
  Run(const Run &) = delete;
  Run &operator=(const Run &) = delete;

  // Starts, moves, ends and cleans up. Throws Fault when our side breaks; then too nothing is left.
  void execute();

  const Plan &plan() const { return plan_; }
  const TraceRecord &trace() const { return trace_; }
  const Shadow &shadow() const { return *shadow_; }

 private:
  enum class State { Born, Running, Held, Asleep, Gone };
  enum class Hold { Start, Call, EventLoop, Signal, VforkReturn };

  // A handler that runs. One in JavaScript tells its end; of one in C the stack pointer of what it has interrupted
  // tells.
  struct Handler {
    int signal;
    bool script;
    unsigned long long interrupted;
  };

  struct Task {
    Task(pid_t leader, pid_t own) : tid(own), files(leader, own) {}

    pid_t tid;
    ThreadFiles files;
    int process = -1, number = 0;  // number: 0 for the main thread
    State state = State::Born;
    Hold hold = Hold::Start;
    PendingCall call;
    Registers registers{};  // as they were at the entry of the call
    bool in_call = false;   // between entry and exit stop
    // The call was stepped back or is being restarted: the same entry will come again, maybe after a handler's own
    // calls.
    bool suspended = false;
    int restarting = 0;  // the kernel's own code for a call that a signal has interrupted (ERESTART*)
    Registers registers_suspended{};
    int arrived_suspended = -1;
    bool waited_suspended = false;
    int object_suspended = -1;
    bool watches_clock = false;  // let go into a sleep that ends by itself
    bool listening = false;      // stopped by a stop signal
    int child = -1;              // the process that its fork has just made
    bool vfork_parent = false;
    int arrived = -1, turns = 0;
    bool waited = false;
    bool slept = false;   // its object was removed while it waited for it
    int object = -1;      // what its call was about when it came to it
    int stop_signal = 0;  // Hold::Signal: what waits to be delivered
    int after = -1;       // injection to place just after its call
    int fault = -1;       // planned fault with which its call fails
    double due_ms = -1;   // virtual time at which its sleep or time-out is over, -1: none
    uint64_t switches = 0;
    int entered = -1, entered_suspended = -1;  // free: stamp of its call
    std::vector<Handler> handlers;             // the innermost last
    int in_handler = 0;                        // the signal whose handler has made its call
  };

  struct Process {
    pid_t leader = 0;
    FileDescriptor reference;  // to it; once its event loop was looked at
    long place_board = 0;      // its address in the process; 0: it has none
    int role_start = -1;       // of the scenario's processes: which; a child has its ancestor's
    bool alive = true, reaped = false, stopped = false;
    bool stopped_as_planned = false;
    bool before_exec = false;          // a vfork child: still its parent's program
    bool signals_due = false;          // a signal may be pending: look before deciding
    double alarm_ms = -1;              // virtual time
    uint64_t restarting_handlers = 0;  // signals whose handler was installed with SA_RESTART
    uint64_t open_handlers = 0;        // with SA_NODEFER: its own signal is not blocked meanwhile
    int sleeps = 0, children = 0, threads = 0;
    std::map<std::string, int> completed;      // successful calls by name, for gates
    std::vector<std::pair<int, int>> senders;  // signal, process that sent it
    std::map<int, size_t> injected;            // signal -> place in the plan's injections
  };

  struct Stream {
    int descriptor = -1, role_start = -1;
    bool is_stderr = false;
    uint64_t bytes = 0;
    std::string unsaid;  // read, but not yet in an event
    int writer = -1;     // of that; known in a free run only
  };

  struct Aborted {
    std::string cause;
    int process;
    std::string detail;
  };

  // run.cc: the loop
  void start_roles();
  void start_role(int index);
  void move();
  struct Timer {
    double due_ms = -1;
    Task *task = nullptr;
    int alarmed = -1;  // a process, if it is its alarm
  };
  Timer find_next_timer() const;
  bool is_next_timer_a_sleep() const;
  bool is_out_of_reach(const Task &task) const;
  bool fire_next_timer();
  bool move_on_from_polling(bool all_sleep);
  bool continue_next_stopped();
  bool has_landed(const std::string &process, int signal) const;
  bool is_told_already(const Injection &injection) const;
  bool send_next_stop();
  [[noreturn]] void finish_stuck();
  void deliver(Task &task, int signal);
  void describe_waits();
  void kill_everything() noexcept;
  std::string task_name(const Task &task) const;
  std::vector<Candidate> candidates();
  Access access_of(const Task &task) const;

  // run_events.cc: what waitpid tells
  void settle();
  bool wait_for_event(int timeout_us);
  int heard_first() const;
  void take_in(pid_t tid, int status);
  void take_in_what_was_put_off();
  void dispatch(pid_t tid, int status);
  void on_death(Task &task, int status);
  void on_entry(Task &task);
  std::string find_place(const Task &task) const;
  bool is_addons_own(const Task &task) const;
  bool changes_nothing(const Task &task) const;
  bool changes_mask(const Task &task) const;
  void on_exit_stop(Task &task);
  void on_signal_stop(Task &task, int signal);
  void on_new_thread(Task &parent, pid_t tid, int event);
  void on_event_stop(Task &task, int signal);
  Task &add_task(pid_t tid, int process);
  void go_on(Task &task, bool to_exit_stop, int signal = 0);
  bool are_asleep(const std::vector<Task *> &tasks);
  bool is_event_ready(const Task &task);
  void check_limits();
  void check_cpu(int process) const;
  bool has_output() const;
  bool drain_output();
  void read_output(Stream *stream);
  ssize_t read_piece(Stream *stream, char *buffer, size_t size);
  void tell_stream(Stream *stream, int writer);
  void tell_output();
  int writer_of(const Stream &stream) const;

  // run_free.cc: all at full speed
  void run_freely();
  void release_held();
  bool is_quiet();
  bool expects_timer(const Task &task) const;
  void mark_waits();
  void check_limits_freely();
  void note_stop(Task &task, bool returns);
  void note_timer(const Task &task);
  void note_kill_freely(const Task &task);
  void let_in(Task &task, bool again);
  void read_answer(const Task &task, Event *event);
  void abandon_call(const Task &task);
  void look_at_what_is_left() noexcept;
  bool may_tell(const Stream &stream) const;

  // run_calls.cc: what a call means
  bool is_enabled(Task &task);
  bool would_block(const Task &task) const;
  int object_of(const PendingCall &call) const;
  int refusal_of_stranger(const PendingCall &call) const;
  bool is_sure_to_send(const Task &task) const;
  bool polled_in_vain(const Task &task, long result) const;
  bool only_looks(const PendingCall &call) const;
  void note_sleepers(int object, bool queue);
  bool sleeps_on_removed(const Task &task) const;
  bool child_is_waitable(const Task &task) const;
  void enter_call(Task &task);
  void complete_call(Task &task, long result, bool forced);
  void commit_to_shadow(Task &task, Event *event);
  bool is_gate_open(const Gate &gate) const;
  static void note_action(const CallArgs &args, Process *process);
  void note_wait(const Task &task, long result, Event *event);
  void note_kill(int sender);  // whose kill is the last event
  void await_death(int process);
  int find_process(pid_t pid_in_run) const;
  Wait describe_wait(const Task &task) const;

  // run_signals.cc: what a signal does, and when
  bool has_deliverable_signal(const Task &task);
  bool may_come_before_call(const Task &task);
  bool absorb_ignored_signals(Task &task);
  bool inject_at_arrival(Task &task);
  void land(size_t index, Task &task);
  void fault_at_arrival(Task &task);
  void inject_late();
  void suspend_call(Task &task);
  void step_back(Task &task);
  void send_signal(int process, int signal, int from);
  void record_signal(Task &task, int signal, const char *action);
  bool ends_or_begins_handler(Task &task, const Registers &registers);
  void forget_left_handlers(Task &task, const Registers &registers);
  bool has_left(const Task &task, const Registers &registers) const;
  void enter_kernel_to_sleep(Task &task);
  bool has_started(int process) const;

  Event &add_event(Event::Kind kind, int process);
  Task *main_task(int process);
  double elapsed_ms() const;
  double starved_ms() const;

  const Plan &plan_;
  const Credentials student_{kStudentId, kStudentId, false};
  Zygotes &zygotes_;
  TraceRecord trace_;
  std::unique_ptr<Shadow> shadow_;
  std::unique_ptr<RunSpace> space_;
  std::unique_ptr<Files> files_;  // null: nobody asked for calls on files
  Scheduler scheduler_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::map<pid_t, Task *> by_tid_;
  std::map<pid_t, int> unclaimed_;              // a child's first stop may come before its parent's fork event
  std::vector<std::pair<pid_t, int>> put_off_;  // news of others than who is heard first
  int awaited_ = -1;                            // a process that dies by a kill(2)
  std::vector<Process> processes_;
  std::vector<Stream> streams_;
  int output_poll_ = -1;     // an epoll of all streams: one question instead of one a stream
  std::vector<int> gates_;   // our ends, of the scenario's processes
  int current_ = -1;         // task that moved last
  bool yielded_ = false;     // its call was a failed attempt
  bool progressed_ = false;  // something was done in this move that may matter to others
  int vain_moves_ = 0;       // in a row
  bool output_told_ = true;  // nobody has run since the output was read
  int steps_ = 0;
  size_t next_stop_ = 0;
  std::vector<size_t> late_injections_;
  std::vector<std::pair<size_t, int>> late_groups_;  // an injection, and the process that has it already
  double now_ms_ = 0;                                // virtual
  bool free_ = false;                                // nobody is held any more
  int stamp_ = 0;                                    // free: of the last thing seen
  double looked_at_limits_ms_ = 0;
  std::chrono::steady_clock::time_point began_;
  ThreadFiles own_files_;  // of the thread that carries out the run
  ProcessorTimes before_;  // its own, before the run
};

}  // namespace ipclab
