// What the rate limits cost a request: for a token, for one busy address, and for addresses of which none comes twice,
// so that each look goes to memory that no cache holds. One JSON line a figure, the median of several runs.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

#include "server/clock.h"
#include "server/net/rate_limits.h"

namespace tagswell {
namespace {

constexpr int kRuns = 9;
constexpr std::size_t kRequests = 1'000'000;

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void Measure(const char* name, RateLimits& limits, const std::vector<Payer>& payers) {
  std::vector<double> runs;
  std::size_t refused = 0;
  for (int run = 0; run < kRuns; ++run) {
    const double before = CpuSeconds();
    for (std::size_t i = 0; i < kRequests; ++i) {
      if (limits.TakeRequest(payers[i % payers.size()], SteadyNow())) ++refused;
    }
    runs.push_back((CpuSeconds() - before) / kRequests * 1e6);
  }
  std::ranges::nth_element(runs, runs.begin() + kRuns / 2);
  std::printf("{\"bench\":\"%s\",\"value\":%.4f,\"unit\":\"us/request\",\"refused\":%zu}\n", name, runs[kRuns / 2],
              refused);
}

void Run() {
  RateLimits limits({.token_requests_per_second = kRateMax, .address_requests_per_second = 1'000},
                    {{.name = "a", .sha256 = Sha256Hex("a"), .roles = kAllRoles}});
  std::mt19937_64 random(7);
  std::vector<Payer> strangers;
  for (std::size_t i = 0; i < kRequests; ++i) strangers.push_back({.token = {}, .site = random()});
  Measure("limit_token", limits, {{.token = 0, .site = {}}});
  Measure("limit_address", limits, {{.token = {}, .site = 7}});
  Measure("limit_strangers", limits, strangers);
}

}  // namespace
}  // namespace tagswell

int main() {
  tagswell::Run();
}
