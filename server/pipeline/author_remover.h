// Looks through the log for the posts of authors who leave, and takes them back, on a thread of its own: a piece of the
// log at a time, with rests between, so that it never takes more than a part of a core, however many leave. All authors
// who wait share one way through the log. What it finds goes to the writer as deletions, like any client's.
#pragma once

#include <functional>
#include <memory>

#include "proto/error.h"
#include "proto/post_batch.h"
#include "server/pipeline/pipeline.h"
#include "storage/store.h"

namespace tagswell {

class AuthorRemover {
 public:
  // Hands deletions to the writer, as Pipeline::Submit.
  using Submit = std::function<void(PostBatch, std::move_only_function<void(std::expected<Committed, Error>)>)>;

  // The store outlives it.
  AuthorRemover(Store& store, Submit submit);
  ~AuthorRemover();

  // Goes on with what was left, and hears of whoever is added to the store's list.
  void Start();

  // Leaves the rest to the next start. Idempotent. While the writer still answers.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
