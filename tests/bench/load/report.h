// What a run says at its end: one JSON line a figure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tagswell::load {

// {"bench":"<name>","label":"<label>","value":<value>,"unit":"<unit>"}
void PrintFigure(std::string_view name, std::string_view label, double value, std::string_view unit);

// Sorts; 0 when there are none. `part` in [0, 1].
double Percentile(std::vector<double>& values, double part);

// User and system time of a process so far, from /proc; 0 when there is no such process.
std::chrono::milliseconds CpuOf(int pid);

// Waits until the process has been idle for a moment (its background work is done) or `limit` has passed; gives CpuOf.
std::chrono::milliseconds CpuWhenIdle(int pid, std::chrono::seconds limit);

// Resident memory in bytes.
std::uint64_t ResidentBytes(int pid);

}  // namespace tagswell::load
