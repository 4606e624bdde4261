// How other threads reach what lives on a loop: they put it here, and the loop wakes once for all that came.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace tagswell {

class Wakeable {
 public:
  virtual ~Wakeable() = default;
  virtual void OnWake() = 0;  // on the loop's thread
};

// Outlives its loop where others still hold it: after Close() what is put in is dropped. Thread-safe.
// Bounded by its users: each puts itself in at most once until it is woken.
class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(boost::asio::io_context& context) : context_(&context) {}

  void Put(std::shared_ptr<Wakeable> target);
  void Close();

 private:
  void Deliver();

  std::mutex mutex_;
  boost::asio::io_context* context_;  // null once closed
  std::vector<std::shared_ptr<Wakeable>> waiting_;
  std::vector<std::shared_ptr<Wakeable>> delivering_;  // the loop's thread only
};

}  // namespace tagswell
