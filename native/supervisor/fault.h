// Our side, or the machine, broke: thrown, and never a student's.
#pragma once
#include <cerrno>
#include <cstring>
#include <exception>
#include <string>

namespace ipclab {

class Fault : public std::exception {
 public:
  // `step`: what was being done, as a person would say it ("mount /proc in the run's namespace"). `error`: errno, 0 if
  // none.
  explicit Fault(std::string step, int error = 0) : step_(std::move(step)), error_(error) {
    text_ = step_;
    if (error_ != 0) text_ += std::string(": ") + std::strerror(error_);
  }
  const std::string &step() const { return step_; }
  int error() const { return error_; }
  const char *what() const noexcept override { return text_.c_str(); }

 private:
  std::string step_, text_;
  int error_;
};

}  // namespace ipclab
