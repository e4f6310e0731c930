#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum Calibration {
    static let isPrinted = ProcessInfo.processInfo.environment["VITALS_CALIBRATION"] == "1"
}
