#include "server/pipeline/side_thread.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "server/pipeline/refusals.h"
#include "server/thread_role.h"

namespace tagswell {

struct SideThread::State {
  void Run(const char* name);

  std::size_t waiting_max = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> waiting;
  std::atomic<bool> stopping = false;
  std::thread thread;
};

void SideThread::State::Run(const char* name) {
  TakeRole(name, Urgency::kCounting);
  while (true) {
    Job next;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (waiting.empty()) return;
      next = std::move(waiting.front());
      waiting.pop_front();
    }
    if (stopping) {
      next(std::unexpected(Draining()));
    } else {
      next({});
    }
  }
}

SideThread::SideThread(const char* name, std::size_t waiting_max) : state_(std::make_unique<State>()) {
  state_->waiting_max = waiting_max;
  state_->thread = std::thread(&State::Run, state_.get(), name);
}

SideThread::~SideThread() {
  Stop();
}

void SideThread::Put(Job job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() < state_->waiting_max && !state_->stopping) {
      state_->waiting.push_back(std::move(job));
      state_->changed.notify_one();
      return;
    }
  }
  if (state_->stopping) return job(std::unexpected(Draining()));
  job(std::unexpected(Error{"overloaded", "Others wait for long answers already. Try again later."}));
}

bool SideThread::stopping() const {
  return state_->stopping;
}

void SideThread::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace tagswell
