// simulate [--seeds N] [--from SEED]: whole lives of the pipeline, each decided by one seed: what is posted, late,
// twice and taken back, when the engine or the indexer stands still, when a state is saved, when the process ends. Each
// life between two crashes is a process of its own, which ends where it stands: the disk keeps what the kernel had been
// given, or a part of the last write.
//
// What is left at the end must be what is left when nothing goes wrong, byte for byte; the first seed of which that is
// not so is printed.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>
#include <string>

#include "tests/simulation/machine.h"
#include "tests/simulation/world.h"

namespace tagswell::simulation {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kCrashesMax = 8;

// What is done, one after the other: every batch, a last post, what is taken back, another last post.
struct Script {
  const World& world;
  const std::vector<std::vector<std::size_t>>& batches;

  std::size_t size() const { return batches.size() + world.taken_back.size() + 2; }
  Timestamp NewestUpTo(std::size_t step) const {
    Timestamp newest = kMonday;
    for (std::size_t i = 0; i <= step && i < batches.size(); ++i) {
      for (const std::size_t place : batches[i]) newest = std::max(newest, world.posts[place].created_at);
    }
    return newest;
  }
  void Do(std::size_t step, Machine& machine, Timestamp clock) const {
    if (step < batches.size()) {
      machine.Commit(world.BatchOf(batches[step]), clock);
    } else if (step == batches.size()) {
      machine.Commit(world.Last(1), clock);
    } else if (step + 1 == size()) {
      machine.Commit(world.Last(2), clock);
    } else {
      machine.TakeBack(world.KeyOfPost(world.taken_back[step - batches.size() - 1]));
    }
  }
};

// The log file that is being written, and its size.
std::pair<fs::path, std::uintmax_t> NewestLog(const fs::path& dir) {
  std::pair<fs::path, std::uintmax_t> newest;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == ".log" && entry.path() > newest.first) newest = {entry.path(), entry.file_size()};
  }
  return newest;
}

struct Folder {
  fs::path store;
  fs::path shown;
};

// The process between a start and its end. Tells `out` a line for each step that was acknowledged.
class Life {
 public:
  Life(const Script& script, const Folder& folder, std::size_t done, int number, bool last, int out)
      : script_(script), folder_(folder), done_(done), last_(last), out_(out) {
    std::seed_seq seeds{static_cast<std::uint32_t>(script.world.seed), static_cast<std::uint32_t>(number)};
    random_.seed(seeds);
  }

  [[noreturn]] void Go() {
    const World& world = script_.world;
    Machine machine(world, folder_.store);
    for (std::size_t i = 0; i < std::min(done_, script_.batches.size()); ++i) {
      if (done_ > script_.batches.size()) break;  // some are taken back by now
      for (const std::size_t place : script_.batches[i]) {
        if (!machine.Holds(world.KeyOfPost(place))) Fail("acknowledged and lost: " + world.posts[place].id);
      }
    }
    while (done_ < script_.size()) {
      if (!last_ && Chance(world.crash)) Crash(machine);
      if (done_ > 0 && done_ < script_.batches.size() && Chance(world.resend)) {
        const auto& again = script_.batches[random_() % done_];
        if (machine.Commit(world.BatchOf(again), Clock(machine)) != 0) Fail("counted twice");
      }
      script_.Do(done_, machine, Clock(machine));
      ++done_;
      Say("A\n");
      if (world.wall_clock && Chance(50)) machine.Commit({}, Clock(machine));
      if (Chance(world.engine)) machine.StepEngine();
      if (Chance(world.indexer)) machine.StepIndexer();
    }
    machine.Finish();
    machine.CheckCounts();
    if (world.wall_clock || world.taken_back.empty()) machine.CheckFold();
    std::ofstream(folder_.shown, std::ios::binary) << machine.Show();
    _exit(0);
  }

 private:
  bool Chance(std::uint32_t thousandths) { return random_() % 1000 < thousandths; }

  void Say(const std::string& line) {
    if (write(out_, line.data(), line.size()) < 0) _exit(1);
  }

  // Never back, and sometimes far ahead of the posts: they were held up.
  Timestamp Clock(Machine& machine) {
    if (!script_.world.wall_clock) return machine.clock();
    const Timestamp now = script_.NewestUpTo(done_) + Duration(random_() % 200'000);
    return std::max(machine.clock(), now - script_.world.engine_options().lateness);
  }

  [[noreturn]] void Crash(Machine& machine) {
    if (Chance(script_.world.tear)) {  // in the middle of the next write, which nobody hears of
      const auto before = NewestLog(folder_.store);
      script_.Do(done_, machine, Clock(machine));
      const auto after = NewestLog(folder_.store);
      if (after.first == before.first && after.second > before.second) {
        const std::uintmax_t kept = before.second + random_() % (after.second - before.second + 1);
        Say("T " + std::to_string(kept) + " " + after.first.string() + "\n");
      }
    }
    _exit(0);
  }

  const Script& script_;
  const Folder& folder_;
  std::size_t done_;
  bool last_;
  int out_;
  std::mt19937_64 random_;
};

struct Tally {
  std::uint64_t crashes = 0;
  std::uint64_t torn = 0;
  std::uint64_t events = 0;
};

// Lets one life go by. Gives how many steps are acknowledged now; nothing when it found a fault.
std::optional<std::size_t> Live(const Script& script, const Folder& folder, std::size_t done, int number, bool last,
                                Tally& tally) {
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    Life(script, folder, done, number, last, ends[1]).Go();
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) return std::nullopt;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) {
    if (line == "A") {
      ++done;
    } else {
      std::istringstream tear(line.substr(2));
      std::uintmax_t kept = 0;
      std::string path;
      tear >> kept >> path;
      fs::resize_file(path, kept);
      ++tally.torn;
    }
  }
  return done;
}

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool Differ(const std::string& wanted, const std::string& shown) {
  if (wanted == shown) return false;
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(wanted, shown).in1 - wanted.begin());
  const std::size_t line = wanted.substr(0, at).rfind('\n') + 1;
  std::fprintf(stderr, "wanted: %.1600s\nshown:  %.1600s\n", wanted.substr(line).c_str(), shown.substr(line).c_str());
  return true;
}

// Whether all went well.
bool Run(std::uint64_t seed, const fs::path& dir, Tally& tally) {
  const World world(seed);
  fs::remove_all(dir);
  fs::create_directories(dir);
  const Folder folder{.store = dir / "store", .shown = dir / "shown"};
  const Script script{.world = world, .batches = world.batches};
  std::size_t done = 0;
  for (int life = 0; done < script.size() || !fs::exists(folder.shown); ++life) {
    const auto now = Live(script, folder, done, life, life == kCrashesMax, tally);
    if (!now) return false;
    done = *now;
    if (!fs::exists(folder.shown)) ++tally.crashes;
  }
  const std::string shown = Contents(folder.shown);
  std::istringstream lines(shown);
  for (std::string line; std::getline(lines, line);) tally.events += line.starts_with("event ") ? 1 : 0;
  // After one more start all is as it was.
  if (!Live(script, folder, done, kCrashesMax + 1, true, tally)) return false;
  if (Differ(shown, Contents(folder.shown))) return false;
  if (world.wall_clock) return true;  // compared with a fold of its own log

  World orderly = world;
  orderly.crash = orderly.resend = 0;
  orderly.engine = orderly.indexer = 1000;
  orderly.checkpoint_posts = 1'000'000;
  const Folder other{.store = dir / "orderly", .shown = dir / "orderly_shown"};
  if (!Live({.world = orderly, .batches = orderly.orderly}, other, 0, 0, true, tally)) return false;
  return !Differ(Contents(other.shown), shown);
}

}  // namespace
}  // namespace tagswell::simulation

int main(int argc, char** argv) {
  using namespace tagswell::simulation;
  std::uint64_t seeds = 100;
  std::uint64_t from = 1;
  CLI::App app("Simulates the pipeline with one seed after the other.");
  app.add_option("--seeds", seeds, "how many");
  app.add_option("--from", from, "the first one");
  CLI11_PARSE(app, argc, argv);

  // In memory where there is such a place: what is simulated is the end of a process, not of a machine.
  const fs::path base = fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
  const fs::path dir = base / ("tagswell-simulation-" + std::to_string(getpid()));
  Tally tally;
  for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
    if (Run(seed, dir, tally)) continue;
    std::fprintf(stderr, "seed %llu fails; its files are in %s\n", static_cast<unsigned long long>(seed), dir.c_str());
    return 1;
  }
  fs::remove_all(dir);
  std::printf("%llu seeds, %llu crashes, %llu torn writes, %llu events\n", static_cast<unsigned long long>(seeds),
              static_cast<unsigned long long>(tally.crashes), static_cast<unsigned long long>(tally.torn),
              static_cast<unsigned long long>(tally.events));
  // A world in which nothing happens would prove nothing.
  return tally.crashes > 0 && tally.torn > 0 && tally.events >= seeds ? 0 : 1;
}
