public import CacheModel

extension Sample {
    /// Who has filled the memory.
    public static var culprit: Culprit {
        var culprit = Culprit(
            .namespace, "reco:home", Estimated(0.81, low: 0.72, high: 0.9), rise: "+38.0 MiB",
            figure: "+38.0 MiB ±6.00 MiB in 5 min", of: "the growth")
        culprit.words += "; SET from checkout-api (3 of 41 connections)"
        return culprit
    }
}
