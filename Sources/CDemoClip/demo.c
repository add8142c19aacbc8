#include "CDemoClip.h"

// #embed costs half a second where SwiftPM's embedInCode, an array literal, takes the Swift compiler minutes.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char clip[] = {
#embed "demo.flv"
};
#pragma clang diagnostic pop

const unsigned char *sluice_demo_clip(void) { return clip; }

size_t sluice_demo_clip_size(void) { return sizeof clip; }
