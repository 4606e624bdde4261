// What a thread is to the operating system.
#pragma once

namespace tagswell {

// What answers clients goes before what counts and indexes: where cores are few, an acknowledgement does not wait for
// the minute that is being judged. What counts is bounded by queues, so it falls behind by no more than they hold.
enum class Urgency : unsigned char { kAnswering, kCounting };

// Names the calling thread as `top -H` shows it (at most 15 bytes) and sets its share of a busy core.
void TakeRole(const char* name, Urgency urgency);

}  // namespace tagswell
