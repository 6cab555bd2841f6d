namespace Orleans;

/// <summary>Checks the configuration before the silo starts.</summary>
public interface IConfigurationValidator
{
    void ValidateConfiguration();
}
