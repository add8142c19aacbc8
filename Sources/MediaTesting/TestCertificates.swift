/// Two certificates for localhost and 127.0.0.1 with their keys as PEM, valid to 2126, made with
/// `openssl req -x509 -newkey ec -nodes`.
public enum TestCertificates {
    /// A certificate.
    public static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUKv7lYoqHIkiHza8tg8gSVoj3xAowCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGdGVzdCBhMCAXDTI2MTEyMTEyMzA1OVoYDzIxMjYxMDI4MTIz
        MDU5WjARMQ8wDQYDVQQDDAZ0ZXN0IGEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AAQ08xzNOWTxOAcKR2CodnBniUSgXpFWkHLePcy9z8R/4tKFu8OvivyID9Kd0AWF
        StDDBs+6GY0RztnwhZ6vCL3jo28wbTAdBgNVHQ4EFgQUvXZ34HdS7RY6iCuhwLyE
        uv2cWRowHwYDVR0jBBgwFoAUvXZ34HdS7RY6iCuhwLyEuv2cWRowDwYDVR0TAQH/
        BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwID
        SAAwRQIgBy1nYLJXeUEuRTLqGOJNGkD24Ep9piT+NQGB3EatJMECIQDFADvQPJdZ
        va+QVVqa0xqk7JaB3MBDi2KPVlYMVop6Rg==
        -----END CERTIFICATE-----

        """

    /// Its private key.
    public static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgN+/BQHOAzSeT5D9g
        ku/gx+hCRlpta89LrEh7chWzh2OhRANCAAQ08xzNOWTxOAcKR2CodnBniUSgXpFW
        kHLePcy9z8R/4tKFu8OvivyID9Kd0AWFStDDBs+6GY0RztnwhZ6vCL3j
        -----END PRIVATE KEY-----

        """

    /// Another certificate.
    public static let otherCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlDCCATugAwIBAgIUA2tVWXsMdmcMuHaQKb5mtNgB5CkwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGdGVzdCBiMCAXDTI2MTEyMTEyMzA1OVoYDzIxMjYxMDI4MTIz
        MDU5WjARMQ8wDQYDVQQDDAZ0ZXN0IGIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AASoAh5K5Kk/A39QB3pEJJJYl4AWPlpGtWA0xZ0NTYvlvwV2+BpRMIks/mgsS4Xr
        E4rakpXMwHurE1U9HrpaNzRJo28wbTAdBgNVHQ4EFgQUDCE/JZlcsUHl3UQ6XMTs
        TYYs9owwHwYDVR0jBBgwFoAUDCE/JZlcsUHl3UQ6XMTsTYYs9owwDwYDVR0TAQH/
        BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwID
        RwAwRAIgHIGYy49xYCziOJaAc3Vtvo7VSuUBdfIgnRSnNicXBwgCID6YKjkxrHXc
        eQeM4CKQTUa8FtXznSlgNR2wE7KF12vt
        -----END CERTIFICATE-----

        """

    /// That one's private key.
    public static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgs0UCseCYR9xncz8u
        RFoXxr2dgr7C7HhPJRf3ThhqIOehRANCAASoAh5K5Kk/A39QB3pEJJJYl4AWPlpG
        tWA0xZ0NTYvlvwV2+BpRMIks/mgsS4XrE4rakpXMwHurE1U9HrpaNzRJ
        -----END PRIVATE KEY-----

        """
}
