#include "tests/bench/load/report.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace tagswell::load {

void PrintFigure(std::string_view name, std::string_view label, double value, std::string_view unit) {
  std::printf("{\"bench\":\"%.*s\",\"label\":\"%.*s\",\"value\":%.10g,\"unit\":\"%.*s\"}\n",
              static_cast<int>(name.size()), name.data(), static_cast<int>(label.size()), label.data(), value,
              static_cast<int>(unit.size()), unit.data());
  std::fflush(stdout);
}

double Percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto index = static_cast<std::size_t>(std::ceil(part * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(index, 1, values.size()) - 1];
}

std::chrono::milliseconds CpuOf(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(')');  // the name may hold spaces
  if (end == std::string::npos) return {};
  std::istringstream fields(text.substr(end + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds{(user + system) * 1000 / sysconf(_SC_CLK_TCK)};
}

std::chrono::milliseconds CpuWhenIdle(int pid, std::chrono::seconds limit) {
  using namespace std::chrono_literals;
  auto last = CpuOf(pid);
  const auto rounds = limit / 300ms;
  for (int i = 0; i < rounds; ++i) {
    poll(nullptr, 0, 300);
    const auto now = CpuOf(pid);
    if (now - last <= 10ms) return now;
    last = now;
  }
  return last;
}

std::uint64_t ResidentBytes(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace tagswell::load
