// A trend event as one line for people:
//   21:04  #MeToo  started trending in world  4,987 people in the last hour, 3 expected  (rank 1)
#pragma once

#include <string>

#include "proto/time.h"
#include "proto/trend_event.h"

namespace tagswell {

// Without a newline. Times are UTC.
std::string EventLine(const TrendEvent& event, bool colours);

// "#MeToo": the display form, or the topic while there is none.
std::string ShownTopic(const TrendEvent& event);

std::string DayText(Timestamp at);     // "2017-10-15"
std::string MinuteText(Timestamp at);  // "21:04"

}  // namespace tagswell
