// Why the pipeline does not take what it is asked to do, besides what is wrong with it.
#pragma once

#include "proto/error.h"
#include "server/pipeline/work_queue.h"

namespace tagswell {

inline Error Overloaded() {
  return {"overloaded", "The server has more posts waiting than it may hold. Try again later."};
}
inline Error Draining() {
  return {"draining", "The server is shutting down. Try again later."};
}
// Why the queue does not take it.
inline Error NotTaken(WorkQueue::Put put) {
  return put == WorkQueue::Put::kClosed ? Draining() : Overloaded();
}
inline Error DiskFull() {
  return {"disk_full", "The disk of the store is nearly full. Nothing was stored."};
}
inline Error QuotaReached() {
  return {"quota_reached", "The stream has as many bytes as it may. Nothing was stored."};
}
inline Error StorageFailed() {
  return {"storage_failed", "The log cannot be written. The server has to be restarted."};
}

}  // namespace tagswell
