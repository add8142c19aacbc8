import CBenchmarkSupport
import Glibc

/// What one operation costs.
struct Measurement {
    /// CPU time of the thread.
    var nanoseconds: Double
    /// Allocations, of any size.
    var allocations: Double

    /// Bytes a nanosecond, which is GB a second.
    func rate(bytes: Int) -> Double {
        Double(bytes) / nanoseconds
    }
}

/// Measures a body that does `operations` things: the median of nine samples of at least 20 ms, in CPU time, so that other
/// programs disturb little.
func measure(operations: Int, _ body: () -> Void) -> Measurement {
    body()
    var repetitions = 1
    while true {
        let time = sample(repetitions, body)
        if time >= 20_000_000 { break }
        repetitions = time < 1_000_000 ? repetitions * 10 : Int(Double(repetitions) * 22_000_000 / time) + 1
    }
    let times = (0..<9).map { _ in sample(repetitions, body) }.sorted()
    allocation_count_start()
    body()
    let allocations = allocation_count_stop()
    return Measurement(
        nanoseconds: times[4] / Double(repetitions * operations),
        allocations: Double(allocations) / Double(operations))
}

private func sample(_ repetitions: Int, _ body: () -> Void) -> Double {
    let begin = cpuNanoseconds(CLOCK_THREAD_CPUTIME_ID)
    for _ in 0..<repetitions { body() }
    return Double(cpuNanoseconds(CLOCK_THREAD_CPUTIME_ID) - begin)
}

/// What a clock of the system reads.
func cpuNanoseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Keeps the optimiser from dropping what nobody looks at.
@inline(never)
func keep<Value>(_ value: Value) {
    withExtendedLifetime(value) {}
}
